//! Import of lists of all programs, and the remarks on them.

use proptest::prelude::*;

use super::super::Workspace;
use super::*;

/// The imported list as it would be saved, after the remarks.
fn printed(imported: Imported) -> String {
    let remarks: Vec<String> = imported.remarks.iter().map(|remark| format!("# {remark}\n")).collect();
    let list = Workspace { quick: imported.quick, ..Workspace::default() }.print().unwrap();
    format!("# {}\n{}\n{list}", imported.source.name(), remarks.concat())
}

#[track_caller]
fn golden(source: Source, bytes: &[u8], expected: &str) {
    let imported = import(bytes).unwrap();
    assert_eq!(imported.source, source);
    let found = printed(imported);
    assert_eq!(found, expected, "\n{found}");
}

#[test]
fn packets_of_packet_sender_are_imported() {
    golden(
        Source::PacketSenderIni,
        include_bytes!("../../../tests/data/workspace/packets.ini"),
        include_str!("../../../tests/data/workspace/packets.ini.toml"),
    );
    golden(
        Source::PacketSenderJson,
        include_bytes!("../../../tests/data/workspace/packets.json"),
        include_str!("../../../tests/data/workspace/packets.json.toml"),
    );
}

#[test]
fn rows_of_sscom_are_imported_in_either_charset() {
    let gbk = include_bytes!("../../../tests/data/workspace/sscom51.ini");
    let expected = include_str!("../../../tests/data/workspace/sscom51.ini.toml");
    golden(Source::Sscom, gbk, expected);
    let utf8 = Charset::Utf8.encode(&decode_all(Charset::Gbk, &[], gbk, true).text).unwrap();
    assert_ne!(utf8, gbk);
    golden(Source::Sscom, &utf8, expected);
    golden(
        Source::Sscom,
        include_bytes!("../../../tests/data/workspace/sscom.ini"),
        include_str!("../../../tests/data/workspace/sscom.ini.toml"),
    );
}

#[test]
fn commas_of_sscom_are_read_and_what_is_not_is_told_once() {
    let text =
        b"N101=1,a\x02b,5\r\nN1=A,AT+COPS=4\x022\x02\"00101\"\r\nN102=0,c,5\r\nN2=A,x\r\nold\r\nolder\r\n";
    let imported = import(text).unwrap();
    let rows: Vec<_> =
        imported.quick.iter().map(|row| (&row.name[..], &row.content[..], row.ticked)).collect();
    assert_eq!(rows, [("a,b", "AT+COPS=4,2,\"00101\"", true), ("c", "x", false)]);
    assert_eq!(imported.remarks, [Remark { line: 5, lines: 2, what: ImportIssue::NotALine }]);
    assert_eq!(imported.remarks[0].to_string(), "line 5: not recognized (2 lines in all)");
}

#[test]
fn values_of_qt_are_decoded_by_their_type() {
    for (value, delay) in [
        (r"@Variant(\0\0\0\x87?\x80\0\0)", "1s"),
        (r"@Variant(\0\0\0\x6@\x4\0\0\0\0\0\0)", "2.5s"),
        (r"@Variant(\0\0\0\x6\0@\x4\0\0\0\0\0\0)", "2.5s"),
        (r"@Variant(\0\0\0\x2\0\0\0\a)", "7s"),
        (r"@Variant(\0\0\0\x4\0\0\0\0\0\0\0\t)", "9s"),
        (r"@Variant(\0\0\0\n\0\0\0\x2\0\x33)", "3s"),
        ("@ByteArray(4)", "4s"),
        ("@Invalid()", ""),
        ("1.5", "1.5s"),
    ] {
        let imported = import(format!("[p]\n1\\hexString=41\n1\\repeat={value}\n").as_bytes()).unwrap();
        assert_eq!((&imported.quick[0].delay[..], &imported.remarks[..]), (delay, &[][..]), "{value}");
    }
    for value in [r"@Variant(\0\0\0\x6\0)", r"@Variant(\0\0\x7f\xff\0\0)", "@Variant()", "@@x"] {
        let imported = import(format!("[p]\n1\\hexString=41\n1\\repeat={value}\n").as_bytes()).unwrap();
        assert!(matches!(imported.remarks[0].what, ImportIssue::Number(_)), "{value}");
    }
}

#[test]
fn packets_of_one_array_have_their_names() {
    let text =
        "[packets]\r\n1\\name=beat\r\n1\\toIP=127.0.0.1\r\n1\\hexString=48 69\r\n2\\name=none\r\nsize=2\r\n";
    let imported = import(text.as_bytes()).unwrap();
    let names: Vec<_> = imported.quick.iter().map(|quick| (&quick.name[..], &quick.content[..])).collect();
    assert_eq!(names, [("beat", "Hi")]);
    assert_eq!(imported.remarks, [Remark { line: 5, lines: 1, what: ImportIssue::NoContent }]);
}

#[test]
fn workspaces_are_imported() {
    let text = "\u{FEFF}# of two sessions\n[[session]]\nlocal = '[::]:1'\n[[session.quick]]\ncontent = 'a'\n\
                [[session]]\n[[session.quick]]\ncontent = 'b'\n[[quick]]\ncontent = 'c'\n";
    let imported = import(text.as_bytes()).unwrap();
    let contents: Vec<&str> = imported.quick.iter().map(|quick| quick.content.as_str()).collect();
    assert_eq!(
        (imported.source, &contents[..], imported.remarks.len()),
        (Source::Own, &["c", "a", "b"][..], 0)
    );
    let error = import(b"[[quick]]\nname = 'x'\ncontent = 5").unwrap_err().to_string();
    assert!(error.starts_with("line 3, column 11: quick 1, content: expected text in quotes"), "{error}");
}

#[test]
fn unknown_formats_are_errors() {
    for text in ["", "hello", "{}", "[General]\na=1", "\0\0", "[1, 2", "<a/>", "N1=", "hexString=41"] {
        assert_eq!(import(text.as_bytes()), Err(Fault::NotAList.into()), "{text:?}");
    }
    let error = import(b"[1, {\"a\": 2}]").unwrap_err().to_string();
    assert!(error.contains("hexstring"), "{error}");
    assert_eq!(import(b"[]").unwrap().quick, []);
}

#[test]
fn the_number_of_quick_sends_is_limited() {
    let n = MAX_IMPORTED + 3;
    let text = format!("[{}]", vec!["{\"name\":\"x\",\"hexstring\":\"41\"}"; n].join(",\n"));
    let imported = import(text.as_bytes()).unwrap();
    assert_eq!(imported.quick.len(), MAX_IMPORTED);
    assert_eq!(imported.remarks, [Remark { lines: 1, line: MAX_IMPORTED + 1, what: ImportIssue::TooMany }]);
}

#[test]
fn the_limit_is_reported_at_its_line_in_workspaces() {
    let text =
        format!("[[session]]\nname = 'x'\n{}", "[[session.quick]]\ncontent = 'a'\n".repeat(MAX_IMPORTED));
    assert_eq!(import(text.as_bytes()).unwrap().remarks, []);
    // Quick sends outside sessions come first, so the last two of the session are omitted.
    let imported = import(format!("{text}[[quick]]\n[[quick]]\n").as_bytes()).unwrap();
    assert_eq!(imported.quick.len(), MAX_IMPORTED);
    let line = 2 + 2 * (MAX_IMPORTED - 2) + 1;
    assert_eq!(imported.remarks, [Remark { line, lines: 1, what: ImportIssue::TooMany }]);
    let of_none = "# first\n".to_owned() + &"[[quick]]\n".repeat(MAX_IMPORTED + 2);
    let remarks = import(of_none.as_bytes()).unwrap().remarks;
    assert_eq!(remarks, [Remark { lines: 1, line: MAX_IMPORTED + 2, what: ImportIssue::TooMany }]);
}

#[test]
fn the_range_of_sscom_checksums_is_imported_or_reported() {
    let number = |text: &str| vec![ImportIssue::Number(text.to_owned())];
    for (kind, lines, append, remarks) in [
        ("1", "", Some("CRC-16/MODBUS"), vec![]),
        ("1", "N1074=,1\nN1075=,0", Some("CRC-16/MODBUS"), vec![]),
        ("2", "N1074=,3", Some("SUM-8:from=2"), vec![]),
        ("3", "N1074=,2\nN1075=,1", Some("XOR-8:from=1"), vec![ImportIssue::ChecksumEnd]),
        ("1", "N1074=,0", Some("CRC-16/MODBUS"), number("0")),
        ("1", "N1074=,x", Some("CRC-16/MODBUS"), number("x")),
        // Without a checksum there is nothing to report.
        ("0", "N1074=,3\nN1075=,2", None, vec![]),
    ] {
        let text = format!("N101=0,a,1\nN1=H,13 00 FF\nN1060=,{kind}\n{lines}\n");
        let imported = import(text.as_bytes()).unwrap();
        let found: Vec<ImportIssue> = imported.remarks.iter().map(|remark| remark.what.clone()).collect();
        assert_eq!(found, remarks, "{text}");
        assert!(imported.remarks.iter().all(|remark| remark.line >= 4), "{text}");
        assert_eq!(imported.quick[0].append.first().map(String::as_str), append, "{text}");
        assert!(imported.quick[0].build(Charset::Utf8).is_ok(), "{text}");
    }
}

#[test]
fn invalid_text_is_reported() {
    let imported = import(b"N1=A,ok\nN2=A,\xFF\xFF\n").unwrap();
    assert_eq!(imported.remarks, [Remark { line: 2, lines: 1, what: ImportIssue::NotText }]);
    assert_eq!(imported.quick.len(), 2);
}

proptest! {
    #[test]
    fn any_bytes_are_imported_or_an_error(bytes: Vec<u8>) {
        if let Err(error) = import(&bytes) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn any_lines_are_imported_or_reported(
        lines in proptest::collection::vec(
            "(N[0-9]{1,4}=[AH0-9],?.{0,6}(,.{0,4})?|\\[.{0,6}\\]|[a-z%\\\\U0-9]{0,8}=.{0,8}|1\\\\name=x|hexString=[0-9a-f ]{0,6}|.{0,6})",
            0..12,
        ),
    ) {
        let text = lines.join("\n");
        if let Ok(imported) = import(text.as_bytes()) {
            let n_lines = text.lines().count();
            prop_assert!(imported.remarks.iter().all(|remark| (1..=n_lines).contains(&remark.line)));
            // The list can be saved.
            let list = Workspace { quick: imported.quick, ..Workspace::default() };
            let again = import(list.print().unwrap().as_bytes());
            if !list.quick.is_empty() {
                prop_assert_eq!(again.unwrap().quick, list.quick);
            }
        }
    }

    #[test]
    fn any_json_is_imported_or_reported(values in proptest::collection::vec(
        "(\\{\"name\":(\"x\"|5|null),\"hexstring\":(\"[0-9a-f ]{0,5}\"|7)(,\"repeat\":(0.5|-1|1e99|\"x\"))?\\}|[0-9]{1,3}|null|\"x\")", 0..5,
    )) {
        let text = format!("[{}]", values.join(",\n"));
        if let Ok(imported) = import(text.as_bytes()) {
            let n_packets = values.iter().filter(|value| value.contains("\"hexstring\":\"")).count();
            prop_assert_eq!(imported.quick.len(), n_packets, "{}", text);
        }
    }
}
