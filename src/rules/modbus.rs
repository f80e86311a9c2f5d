//! A Modbus TCP device (MODBUS Application Protocol Specification V1.1b3; MODBUS Messaging on TCP/IP
//! Implementation Guide V1.0b).

use std::collections::BTreeMap;

use crate::model::ModbusTable;

/// The device does not support the function.
const ILLEGAL_FUNCTION: u8 = 1;
/// The device does not have the address.
const ILLEGAL_ADDRESS: u8 = 2;
/// The request has an invalid count or value.
const ILLEGAL_VALUE: u8 = 3;

/// The most bits that a request may read, and write.
const MAX_BITS: (u16, u16) = (2000, 1968);
/// The most registers that a request may read, and write.
const MAX_REGISTERS: (u16, u16) = (125, 123);

/// The answer to a request, with its header. `None` if the message is no such request, or for another unit.
pub(super) fn answer(table: &mut ModbusTable, message: &[u8]) -> Option<Vec<u8>> {
    let (header, request) = message.split_at_checked(7)?;
    let [id_high, id_low, 0, 0, len_high, len_low, unit] = *header else { return None };
    let len = usize::from(u16::from_be_bytes([len_high, len_low]));
    if len != request.len() + 1 || table.unit.is_some_and(|own| own != unit) {
        return None;
    }
    let (function, data) = request.split_first()?;
    let body = match execute(table, *function, data) {
        Ok(body) => [&[*function][..], &body].concat(),
        Err(exception) => vec![*function | 0x80, exception],
    };
    // A body is at most 252 bytes long.
    let [high, low] = u16::try_from(body.len() + 1).ok()?.to_be_bytes();
    Some([&[id_high, id_low, 0, 0, high, low, unit][..], &body].concat())
}

/// The data after the function code of the answer, or the exception.
fn execute(table: &mut ModbusTable, function: u8, data: &[u8]) -> Result<Vec<u8>, u8> {
    match function {
        1 => read_bits(&table.coils, data),
        2 => read_bits(&table.discrete_inputs, data),
        3 => read_registers(&table.holding_registers, data),
        4 => read_registers(&table.input_registers, data),
        5 => {
            let (address, value) = pair(data)?;
            let value = match value {
                0xFF00 => true,
                0x0000 => false,
                _ => return Err(ILLEGAL_VALUE),
            };
            write(&mut table.coils, address, [value])?;
            Ok(data.to_vec())
        }
        6 => {
            let (address, value) = pair(data)?;
            write(&mut table.holding_registers, address, [value])?;
            Ok(data.to_vec())
        }
        15 => {
            let (head, bytes, n) = many(data, MAX_BITS.1)?;
            if bytes.len() != usize::from(n.div_ceil(8)) {
                return Err(ILLEGAL_VALUE);
            }
            let bits = bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
            write(&mut table.coils, pair(head)?.0, bits.take(usize::from(n)))?;
            Ok(head.to_vec())
        }
        16 => {
            let (head, bytes, n) = many(data, MAX_REGISTERS.1)?;
            if bytes.len() != usize::from(n) * 2 {
                return Err(ILLEGAL_VALUE);
            }
            let (registers, _rest) = bytes.as_chunks::<2>();
            let values = registers.iter().map(|register| u16::from_be_bytes(*register));
            write(&mut table.holding_registers, pair(head)?.0, values)?;
            Ok(head.to_vec())
        }
        _ => Err(ILLEGAL_FUNCTION),
    }
}

/// Exactly two numbers.
fn pair(data: &[u8]) -> Result<(u16, u16), u8> {
    match *data {
        [a, b, c, d] => Ok((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))),
        _ => Err(ILLEGAL_VALUE),
    }
}

/// The encoded address and count, the bytes to write, and the count.
fn many(data: &[u8], max: u16) -> Result<(&[u8], &[u8], u16), u8> {
    let (head, rest) = data.split_at_checked(4).ok_or(ILLEGAL_VALUE)?;
    let (n_bytes, bytes) = rest.split_first().ok_or(ILLEGAL_VALUE)?;
    let (_, n) = pair(head)?;
    if (1..=max).contains(&n) && usize::from(*n_bytes) == bytes.len() {
        Ok((head, bytes, n))
    } else {
        Err(ILLEGAL_VALUE)
    }
}

/// The requested values.
fn read<T: Copy>(table: &BTreeMap<u16, T>, data: &[u8], max: u16) -> Result<Vec<T>, u8> {
    let (address, n) = pair(data)?;
    if !(1..=max).contains(&n) {
        return Err(ILLEGAL_VALUE);
    }
    let end = u32::from(address) + u32::from(n);
    let value = |at| u16::try_from(at).ok().and_then(|at| table.get(&at).copied()).ok_or(ILLEGAL_ADDRESS);
    (u32::from(address)..end).map(value).collect()
}

fn read_bits(table: &BTreeMap<u16, bool>, data: &[u8]) -> Result<Vec<u8>, u8> {
    let bits = read(table, data, MAX_BITS.0)?;
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte: u8, bit| byte << 1 | u8::from(*bit));
    Ok(counted(bits.chunks(8).map(byte).collect()))
}

fn read_registers(table: &BTreeMap<u16, u16>, data: &[u8]) -> Result<Vec<u8>, u8> {
    let registers = read(table, data, MAX_REGISTERS.0)?;
    Ok(counted(registers.into_iter().flat_map(u16::to_be_bytes).collect()))
}

/// Prepends the number of bytes, which is at most 250.
fn counted(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.insert(0, u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    bytes
}

/// Writes all of the values, or none.
fn write<T>(
    table: &mut BTreeMap<u16, T>,
    address: u16,
    values: impl IntoIterator<Item = T>,
) -> Result<(), u8> {
    let places: Vec<(u32, T)> = (u32::from(address)..).zip(values).collect();
    let is_there = |at: u32| u16::try_from(at).is_ok_and(|at| table.contains_key(&at));
    if !places.iter().all(|(at, _)| is_there(*at)) {
        return Err(ILLEGAL_ADDRESS);
    }
    for (at, value) in places {
        if let Some(place) = u16::try_from(at).ok().and_then(|at| table.get_mut(&at)) {
            *place = value;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn device() -> ModbusTable {
        ModbusTable {
            unit: Some(1),
            coils: (0..20).map(|at| (at, at % 3 == 0)).collect(),
            discrete_inputs: [(10, true), (11, false)].into(),
            holding_registers: (100..110).map(|at| (at, at)).collect(),
            input_registers: [(65_535, 7)].into(),
        }
    }

    /// The body of the answer to a request with this body.
    #[track_caller]
    fn ask(table: &mut ModbusTable, body: &[u8]) -> Vec<u8> {
        let len = u8::try_from(body.len() + 1).unwrap();
        let request = [&[0xAB, 0xCD, 0, 0, 0, len, 1][..], body].concat();
        let answer = answer(table, &request).unwrap();
        assert_eq!(answer[..4], [0xAB, 0xCD, 0, 0]);
        assert_eq!(usize::from(answer[5]), answer.len() - 6, "the length counts what follows it");
        assert_eq!(answer[6], 1);
        answer[7..].to_vec()
    }

    #[test]
    fn values_are_read() {
        let table = &mut device();
        assert_eq!(ask(table, &[1, 0, 0, 0, 10]), [1, 2, 0b0100_1001, 0b10]);
        assert_eq!(ask(table, &[2, 0, 10, 0, 2]), [2, 1, 1]);
        assert_eq!(ask(table, &[3, 0, 100, 0, 2]), [3, 4, 0, 100, 0, 101]);
        assert_eq!(ask(table, &[4, 0xFF, 0xFF, 0, 1]), [4, 2, 0, 7]);
    }

    #[test]
    fn written_values_persist() {
        let table = &mut device();
        assert_eq!(ask(table, &[5, 0, 1, 0xFF, 0]), [5, 0, 1, 0xFF, 0]);
        assert_eq!(ask(table, &[15, 0, 2, 0, 9, 2, 0xFF, 0]), [15, 0, 2, 0, 9]);
        assert_eq!(ask(table, &[1, 0, 0, 0, 12]), [1, 2, 0xFF, 0b0000_0011]);
        assert_eq!(ask(table, &[6, 0, 100, 0x12, 0x34]), [6, 0, 100, 0x12, 0x34]);
        assert_eq!(ask(table, &[16, 0, 101, 0, 2, 4, 1, 2, 3, 4]), [16, 0, 101, 0, 2]);
        assert_eq!(ask(table, &[3, 0, 100, 0, 3]), [3, 6, 0x12, 0x34, 1, 2, 3, 4]);
    }

    #[test]
    fn invalid_requests_are_exceptions() {
        let table = &mut device();
        let before = table.clone();
        for (body, exception) in [
            (&[7][..], ILLEGAL_FUNCTION),
            (&[1, 0, 19, 0, 2], ILLEGAL_ADDRESS),
            (&[4, 0xFF, 0xFF, 0, 2], ILLEGAL_ADDRESS),
            (&[3, 0, 100, 0, 0], ILLEGAL_VALUE),
            (&[3, 0, 100, 0, 126], ILLEGAL_VALUE),
            (&[1, 0, 0, 7, 0xD1], ILLEGAL_VALUE),
            (&[3, 0, 100, 0], ILLEGAL_VALUE),
            (&[5, 0, 1, 0xFF, 1], ILLEGAL_VALUE),
            (&[5, 0, 20, 0xFF, 0], ILLEGAL_ADDRESS),
            (&[6, 0, 99, 0, 0], ILLEGAL_ADDRESS),
            (&[15, 0, 2, 0, 9, 1, 0xFF], ILLEGAL_VALUE),
            (&[16, 0, 109, 0, 2, 4, 1, 2, 3, 4], ILLEGAL_ADDRESS),
            (&[16, 0, 100, 0, 2, 4, 1, 2, 3], ILLEGAL_VALUE),
        ] {
            assert_eq!(ask(table, body), [body[0] | 0x80, exception], "{body:?}");
        }
        assert_eq!(*table, before, "nothing was written in part");
    }

    #[test]
    fn other_units_and_protocols_are_ignored() {
        let mut table = device();
        for message in [
            &b""[..],
            &[0, 1, 0, 0, 0, 6, 2, 3, 0, 100, 0, 1],
            &[0, 1, 0, 1, 0, 6, 1, 3, 0, 100, 0, 1],
            &[0, 1, 0, 0, 0, 7, 1, 3, 0, 100, 0, 1],
            &[0, 1, 0, 0, 0, 1, 1],
        ] {
            assert_eq!(answer(&mut table, message), None, "{message:?}");
        }
        table.unit = None;
        assert!(answer(&mut table, &[0, 1, 0, 0, 0, 6, 2, 3, 0, 100, 0, 1]).is_some());
    }

    proptest! {
        #[test]
        fn any_answer_fits_in_a_frame(function in 0..20_u8, data in prop::collection::vec(any::<u8>(), 0..253), small: bool) {
            let mut body = vec![function];
            body.extend(data.iter().map(|byte| if small { byte % 12 } else { *byte }));
            let len = u16::try_from(body.len() + 1).unwrap().to_be_bytes();
            let request = [&[0, 1, 0, 0, len[0], len[1], 9][..], &body].concat();
            let mut table = ModbusTable { unit: None, coils: (0..3000).map(|at| (at, true)).collect(), ..device() };
            let answer = answer(&mut table, &request).unwrap();
            prop_assert!(answer.len() <= 260);
            prop_assert_eq!(usize::from(u16::from_be_bytes([answer[4], answer[5]])), answer.len() - 6);
        }
    }
}
