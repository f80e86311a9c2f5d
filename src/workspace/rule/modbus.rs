//! The values of a Modbus device, as typed: `0: 100 200 0xFF; 40-49: 0`.

use std::collections::BTreeMap;

use super::super::form::form;
use super::super::nonblank;
use crate::codec::number;
use crate::model::{Expected, ModbusTable, Problem, at};

form! {
    /// The values of a device, as typed: `ADDRESS: VALUES` for consecutive addresses, from 0 if there is no address;
    /// `FIRST-LAST: VALUES` repeats the values over all of these addresses. Rows are separated by semicolons or line
    /// ends.
    pub struct ModbusForm {
        /// The unit that answers; empty for all.
        pub unit: String as typed,
        /// Readable and writable bits.
        pub coils: String as typed,
        /// Readable bits.
        pub discrete_inputs: String as typed,
        /// Readable and writable registers.
        pub holding_registers: String as typed,
        /// Readable registers.
        pub input_registers: String as typed,
    }
}

impl ModbusForm {
    pub(super) fn build(&self) -> Result<ModbusTable, Problem> {
        Ok(ModbusTable {
            unit: self.unit()?,
            coils: bits(&self.coils, "coils")?,
            discrete_inputs: bits(&self.discrete_inputs, "discrete-inputs")?,
            holding_registers: registers(&self.holding_registers, "holding-registers")?,
            input_registers: registers(&self.input_registers, "input-registers")?,
        })
    }

    /// Every invalid field.
    pub(super) fn problems(&self) -> impl Iterator<Item = Problem> {
        let all = [
            self.unit().err(),
            bits(&self.coils, "coils").err(),
            bits(&self.discrete_inputs, "discrete-inputs").err(),
            registers(&self.holding_registers, "holding-registers").err(),
            registers(&self.input_registers, "input-registers").err(),
        ];
        all.into_iter().flatten()
    }

    fn unit(&self) -> Result<Option<u8>, Problem> {
        number::parse_if(&self.unit, 0..=u8::MAX).map_err(at("unit"))
    }
}

fn bits(text: &str, key: &'static str) -> Result<BTreeMap<u16, bool>, Problem> {
    rows(text, bit).ok_or(Expected::Bits).map_err(at(key))
}

fn registers(text: &str, key: &'static str) -> Result<BTreeMap<u16, u16>, Problem> {
    rows(text, register).ok_or(Expected::Registers).map_err(at(key))
}

fn bit(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// Parses a 16-bit number; a negative one becomes its two's complement.
fn register(text: &str) -> Option<u16> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hex {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => text.parse::<u16>().ok().or_else(|| text.parse::<i16>().ok().map(i16::cast_unsigned)),
    }
}

/// Parses values by address.
fn rows<T: Copy>(text: &str, value: fn(&str) -> Option<T>) -> Option<BTreeMap<u16, T>> {
    let mut table = BTreeMap::new();
    for row in text.split([';', '\n']).filter_map(nonblank) {
        let (place, values) = row.split_once(':').unwrap_or(("0", row));
        let values =
            values.split([' ', ',', '\t']).filter_map(nonblank).map(value).collect::<Option<Vec<T>>>()?;
        let last_of_row = |first: u16| u16::try_from(usize::from(first) + values.len().checked_sub(1)?).ok();
        let (first, last) = match place.split_once('-') {
            Some((first, last)) => (address(first)?, address(last)?),
            None => (address(place)?, last_of_row(address(place)?)?),
        };
        if values.is_empty() || first > last {
            return None;
        }
        table.extend((first..=last).zip(values.iter().copied().cycle()));
    }
    Some(table)
}

fn address(text: &str) -> Option<u16> {
    register(text.trim()).filter(|_| !text.trim().starts_with(['-', '+']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Fault;

    #[test]
    fn values_are_read_by_address() {
        let table = |text| rows(text, register).map(|table| table.into_iter().collect::<Vec<_>>());
        assert_eq!(table(""), Some(vec![]));
        assert_eq!(table("7 0x10,-1"), Some(vec![(0, 7), (1, 16), (2, 0xFFFF)]));
        assert_eq!(table("10: 1; 2: 3\n0xFFFF: 5"), Some(vec![(2, 3), (10, 1), (65_535, 5)]));
        assert_eq!(table("3-6: 1 2; 4: 9"), Some(vec![(3, 1), (4, 9), (5, 1), (6, 2)]));
        for invalid in
            ["a", "1:", "65536", "70000: 1", "65535: 1 2", "5-4: 1", "-1: 1", "1: 2: 3", "1-: 2", "+1: 2"]
        {
            assert_eq!(table(invalid), None, "{invalid}");
        }
        assert_eq!(rows("8: 1 0", bit), Some([(8, true), (9, false)].into()));
        assert_eq!(rows("8: 2", bit), None);
    }

    #[test]
    fn invalid_fields_have_a_problem() {
        assert!(ModbusForm::default().build().is_ok());
        for (field, text, fault) in [
            ("unit", "256", Fault::Number(0, 255)),
            ("coils", "2", Expected::Bits.into()),
            ("discrete-inputs", "x", Expected::Bits.into()),
            ("holding-registers", "x", Expected::Registers.into()),
            ("input-registers", "x", Expected::Registers.into()),
        ] {
            let form: ModbusForm = toml::from_str(&format!("{field} = '{text}'")).unwrap();
            assert_eq!(form.build(), Err(Problem::new(field, fault)));
        }
    }

    proptest! {
        #[test]
        fn values_survive_writing_and_reading(values in prop::collection::btree_map(any::<u16>(), any::<u16>(), 0..20)) {
            let text: Vec<String> = values.iter().map(|(at, value)| format!("{at}: {value}")).collect();
            prop_assert_eq!(rows(&text.join("; "), register), Some(values));
        }

        #[test]
        fn any_text_is_parsed_or_an_error(text in "[0-9x:;, \n-]{0,30}") {
            let _read_or_not = (rows(&text, register), rows(&text, bit));
        }
    }
}
