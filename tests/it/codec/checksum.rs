//! Tests of `codec::checksum`.

use std::collections::BTreeSet;

use proptest::prelude::*;

use netassist::codec::checksum::*;
use netassist::codec::frame::ByteOrder;

fn of(name: &str, bytes: &[u8]) -> u128 {
    name.parse::<Checksum>().unwrap().compute(bytes).number()
}

/// Values from the catalogue's pages, RFC 1950 and Wikipedia, typed by hand.
#[test]
fn known_values_by_name() {
    for (name, value) in [
        ("CRC-16/MODBUS", 0x4B37),
        ("CRC-16/CCITT-FALSE", 0x29B1),
        ("crc-16/x-25", 0x906E),
        ("CRC-16/KERMIT", 0x2189),
        ("XMODEM", 0x31C3),
        ("CRC-16", 0xBB3D),
        ("CRC-8", 0xF4),
        ("CRC-8/MAXIM", 0xA1),
        ("CRC-32", 0xCBF4_3926),
        ("CRC-32C", 0xE306_9283),
        ("CRC-32/POSIX", 0x765E_7680),
        ("CRC-64/XZ", 0x995D_C9BB_DF19_39FA),
        ("CRC-82/DARC", 0x9EA8_3F62_5023_801F_D612),
        ("SUM-8", 0xDD),
        ("SUM-16", 0x01DD),
        ("SUM-32", 0x01DD),
        ("LRC", 0x23),
        ("SUM-16/NEGATED", 0xFE23),
        ("SUM-32/NEGATED", 0xFFFF_FE23),
        ("bcc", 0x31),
        ("ADLER-32", 0x091E_01DE),
    ] {
        assert_eq!(of(name, b"123456789"), value, "{name}");
    }
    for (text, f16, f32) in [
        (&b"abcde"[..], 0xC8F0, 0xF04F_C729),
        (b"abcdef", 0x2057, 0x5650_2D2A),
        (b"abcdefgh", 0x0627, 0xEBE1_9591),
    ] {
        assert_eq!((of("FLETCHER-16", text), of("FLETCHER-32", text)), (f16, f32));
    }
    assert_eq!(of("ADLER-32", b"Wikipedia"), 0x11E6_0398);
    assert_eq!(Checksum::default().name(), "CRC-16/MODBUS");
}

#[test]
fn no_two_checksums_share_a_name_or_alias() {
    let mut known = BTreeSet::new();
    for checksum in Checksum::ALL {
        for name in std::iter::once(&checksum.name()).chain(checksum.aliases()) {
            assert!(known.insert(name.to_uppercase()), "{name} twice");
            assert_eq!(name.to_lowercase().parse(), Ok(*checksum));
        }
    }
    let message = "CRC-7/NONE".parse::<Checksum>().unwrap_err().to_string();
    assert!(message.contains("‘CRC-7/NONE’"), "{message}");
}

#[test]
fn values_are_written_in_either_byte_order() {
    let value = "CRC-24".parse::<Checksum>().unwrap().compute(b"123456789");
    assert_eq!((value.bits(), value.n_bytes(), value.to_string().as_str()), (24, 3, "0x21CF02"));
    assert_eq!(value.to_bytes(ByteOrder::Big), [0x21, 0xCF, 0x02]);
    assert_eq!(value.to_bytes(ByteOrder::Little), [0x02, 0xCF, 0x21]);
    let odd = "CRC-15/CAN".parse::<Checksum>().unwrap().compute(b"123456789");
    assert_eq!((odd.to_string().as_str(), odd.to_bytes(ByteOrder::Big)), ("0x059E", vec![0x05, 0x9E]));
    let three = "CRC-3/GSM".parse::<Checksum>().unwrap().compute(b"123456789");
    assert_eq!((three.to_string().as_str(), three.n_bytes()), ("0x4", 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn all_bytes_have_a_value_within_its_bits(bytes: Vec<u8>) {
        for checksum in Checksum::ALL {
            let value = checksum.compute(&bytes);
            prop_assert_eq!(value.number() >> value.bits(), 0, "{}", checksum);
        }
    }

    #[test]
    fn bytes_with_their_modbus_crc_or_negated_sum_check_to_nothing(bytes: Vec<u8>) {
        for (name, order) in [("CRC-16/MODBUS", ByteOrder::Little), ("LRC", ByteOrder::Big)] {
            let checksum: Checksum = name.parse().unwrap();
            let whole = [bytes.clone(), checksum.compute(&bytes).to_bytes(order)].concat();
            let check = if name == "LRC" { of("SUM-8", &whole) } else { of(name, &whole) };
            prop_assert_eq!(check, 0, "{}", name);
        }
    }
}
