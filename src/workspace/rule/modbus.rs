//! What a Modbus device has, as one writes it down: `0: 100 200 0xFF; 40-49: 0`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::{is_usual, typed};
use super::said;
use crate::codec::number;
use crate::model::{Expected, ModbusTable, Problem, at};

/// What a device has, as typed. Values stand in a row from an address on, `ADDRESS: VALUES`; without an address,
/// from 0. `FIRST-LAST: VALUES` repeats the values over all of these addresses. Rows have a semicolon or a line
/// end between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModbusForm {
    /// The unit that answers; empty for all.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub unit: String,
    /// Bits to read and write.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub coils: String,
    /// Bits to read.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub discrete_inputs: String,
    /// Numbers to read and write.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub holding_registers: String,
    /// Numbers to read.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub input_registers: String,
}

impl ModbusForm {
    /// The device.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(super) fn build(&self) -> Result<ModbusTable, Problem> {
        let bits = |text: &str, key| rows(text, bit).ok_or(Expected::Bits).map_err(at(key));
        let registers = |text: &str, key| rows(text, register).ok_or(Expected::Registers).map_err(at(key));
        let unit = said(&self.unit).map(|text| number::parse_in(text, 0..=u8::MAX)).transpose();
        Ok(ModbusTable {
            unit: unit.map_err(at("unit"))?,
            coils: bits(&self.coils, "coils")?,
            discrete_inputs: bits(&self.discrete_inputs, "discrete-inputs")?,
            holding_registers: registers(&self.holding_registers, "holding-registers")?,
            input_registers: registers(&self.input_registers, "input-registers")?,
        })
    }
}

fn bit(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// A number of 16 bits; a negative one as its two's complement.
fn register(text: &str) -> Option<u16> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hex {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => text.parse::<u16>().ok().or_else(|| text.parse::<i16>().ok().map(i16::cast_unsigned)),
    }
}

/// All values by their address.
fn rows<T: Copy>(text: &str, value: fn(&str) -> Option<T>) -> Option<BTreeMap<u16, T>> {
    let mut table = BTreeMap::new();
    for row in text.split([';', '\n']).filter_map(said) {
        let (place, values) = row.split_once(':').unwrap_or(("0", row));
        let values =
            values.split([' ', ',', '\t']).filter_map(said).map(value).collect::<Option<Vec<T>>>()?;
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
    fn values_stand_at_their_addresses() {
        let table = |text| rows(text, register).map(|table| table.into_iter().collect::<Vec<_>>());
        assert_eq!(table(""), Some(vec![]));
        assert_eq!(table("7 0x10,-1"), Some(vec![(0, 7), (1, 16), (2, 0xFFFF)]));
        assert_eq!(table("10: 1; 2: 3\n0xFFFF: 5"), Some(vec![(2, 3), (10, 1), (65_535, 5)]));
        assert_eq!(table("3-6: 1 2; 4: 9"), Some(vec![(3, 1), (4, 9), (5, 1), (6, 2)]));
        for wrong in
            ["a", "1:", "65536", "70000: 1", "65535: 1 2", "5-4: 1", "-1: 1", "1: 2: 3", "1-: 2", "+1: 2"]
        {
            assert_eq!(table(wrong), None, "{wrong}");
        }
        assert_eq!(rows("8: 1 0", bit), Some([(8, true), (9, false)].into()));
        assert_eq!(rows("8: 2", bit), None);
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        let wrong = |form: ModbusForm| form.build().unwrap_err();
        let form = ModbusForm::default;
        assert!(form().build().is_ok());
        let unit = wrong(ModbusForm { unit: "256".into(), ..form() });
        assert_eq!(unit, Problem::new("unit", Fault::Number(0, 255)));
        let coils = wrong(ModbusForm { coils: "2".into(), ..form() });
        assert_eq!(coils, Problem::new("coils", Expected::Bits));
        let inputs = wrong(ModbusForm { discrete_inputs: "x".into(), ..form() });
        assert_eq!(inputs, Problem::new("discrete-inputs", Expected::Bits));
        let holding = wrong(ModbusForm { holding_registers: "x".into(), ..form() });
        assert_eq!(holding, Problem::new("holding-registers", Expected::Registers));
        let input = wrong(ModbusForm { input_registers: "x".into(), ..form() });
        assert_eq!(input, Problem::new("input-registers", Expected::Registers));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(values in prop::collection::btree_map(any::<u16>(), any::<u16>(), 0..20)) {
            let text: Vec<String> = values.iter().map(|(at, value)| format!("{at}: {value}")).collect();
            prop_assert_eq!(rows(&text.join("; "), register), Some(values));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9x:;, \n-]{0,30}") {
            let _read_or_not = (rows(&text, register), rows(&text, bit));
        }
    }
}
