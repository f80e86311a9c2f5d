//! Reading and writing of workspace files, and their errors.

use proptest::prelude::*;

use super::super::any::Any as _;
use super::*;

const FILE: &str = "\
[[session]]
name = 'first'
local = '127.0.0.1:1'

[[session]]
name = 'second'
protocol = 'tcp-client'
remote = 'nowhere'
charset = 'gbk'

[[session.quick]]
name = 'hello'
content = '你好'

[[session.quick]]
name = 'crc'
content = '01 0'
mode = 'hex'
";

fn file(text: &str) -> WorkspaceFile {
    WorkspaceFile::parse(text.to_owned()).unwrap()
}

#[test]
fn unknown_keys_and_invalid_values_have_a_line() {
    for (text, says) in [
        ("a = 1", "line 1, column 1: a: unknown key; expected one of session, quick, rule, faults"),
        (
            "[[session]]\nprotocol = 'tcp'\n",
            "line 2, column 12: session 1, protocol: expected one of udp, tcp-client, tcp-server",
        ),
        (
            "[[session]]\n\n\n[[session.quick]]\n  keys = ''",
            "line 5, column 3: session 1, quick 1, keys: unknown key; did you mean ‘key’?",
        ),
        (
            "[[session]]\n[session.options]\nkeepalive = true",
            "line 3, column 1: session 1, options.keepalive: unknown key; did you mean ‘keep-alive’?",
        ),
        ("[[session]]\noptions = { ttl = 1.5 }", "line 2, column "),
        ("[session]\n", "line 1, column 1: "),
        ("[[session]\n", "line 1, column "),
        ("x", "line 1, column "),
    ] {
        let problem = WorkspaceFile::parse(text.to_owned()).unwrap_err().to_string();
        assert!(problem.starts_with(says), "{text}: {problem}");
    }
}

#[test]
fn invalid_fields_have_a_line() {
    let file = file(FILE);
    assert_eq!(file.opening(0).unwrap().link.to_string(), "udp 127.0.0.1:1");
    let problem = file.opening(1).unwrap_err();
    assert_eq!(problem.to_string(), "line 8, column 1: remote.port: required");
    assert_eq!(file.quick(1, "hello").unwrap(), SendPart::Bytes((*b"\xC4\xE3\xBA\xC3").into()));
    let problem = file.quick(1, "crc").unwrap_err();
    assert_eq!(problem.line, 17);
    assert_eq!(problem.problem.path, "content");
    let problem = file.quick(1, "bye").unwrap_err().to_string();
    assert_eq!(
        problem,
        "line 11, column 11: session 2, quick: this session has no quick send ‘bye’; expected ‘hello’, ‘crc’"
    );
    assert!(file.quick(0, "x").unwrap_err().to_string().ends_with("it has none"));
    assert_eq!(file.opening(2).unwrap_err().to_string(), "line 1, column 1: there is no session 3");
    // A missing field is reported at its table.
    let bare = self::file("\n[[session]]\nprotocol = 'tcp-server'");
    assert_eq!(bare.opening(0).unwrap_err().to_string(), "line 2, column 1: local.host: required");
}

#[test]
fn files_are_replaced_atomically_and_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab.toml");
    let workspace = file(FILE).workspace;
    workspace.save(&path, IfExists::Refuse).unwrap();
    assert_eq!(WorkspaceFile::read(&path).unwrap().workspace, workspace);
    let before = std::fs::read(&path).unwrap();
    let error = Workspace::default().save(&path, IfExists::Refuse).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let long = QuickSend { content: "x".repeat(1 << 24), ..QuickSend::default() };
    let long = Workspace { quick: vec![long], ..Workspace::default() };
    let error = long.save(&path, IfExists::Replace).unwrap_err().to_string();
    assert!(error.ends_with("lab.toml: too long: expected at most 16777216 bytes"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    Workspace::default().save(&path, IfExists::Replace).unwrap();
    assert_eq!(WorkspaceFile::read(&path).unwrap().workspace, Workspace::default());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn errors_of_files_have_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    let says = |path: &Path| WorkspaceFile::read(path).unwrap_err().to_string();
    assert!(says(&path).contains("x.toml: "));
    std::fs::write(&path, b"\xFF\xFE").unwrap();
    assert!(says(&path).ends_with("x.toml: not valid UTF-8"));
    std::fs::write(&path, "a = 1").unwrap();
    assert!(says(&path).contains("x.toml, line 1, column 1: a: unknown key"));
    std::fs::File::create(&path).unwrap().set_len(MAX_FILE + 1).unwrap();
    assert!(says(&path).ends_with("x.toml: too long: expected at most 16777216 bytes"));
}

#[test]
fn rules_are_built_and_their_errors_have_a_line() {
    let text = "\
[[session]]
charset = 'gbk'

[[session.rule]]
when = 'starts'
pattern = '你'
content = '好{n}'

[[session.rule]]
on = false
content = '{'

[session.faults]
drop-every = 3

[[rule]]
then = 'echo'

[[rule]]
then = 'modbus'
modbus.coils = '0: 1 2'
";
    let read = file(text);
    let rules = read.rules(RulesOf::Session(0)).unwrap();
    assert_eq!((rules.rules.len(), rules.faults.drop_every), (1, 3));
    assert!(rules.rules[0].when.is_match(b"\xC4\xE3!"));
    let wrong = |text: &str, of| file(text).rules(of).unwrap_err().to_string();
    let none = RulesOf::None(Charset::Utf8);
    let bits = wrong(text, none);
    assert!(bits.starts_with("line 21, column 8: rule 2, modbus.coils: expected"), "{bits}");
    let brace = wrong(&text.replace("on = false", "on = true"), RulesOf::Session(0));
    assert!(brace.starts_with("line 11, column 1: rule 2, content: unclosed brace"), "{brace}");
    let faults = wrong(&text.replace("= 3", "= 'x'"), RulesOf::Session(0));
    assert!(faults.starts_with("line 14, column 1: faults.drop-every: expected"), "{faults}");
    let missing = wrong(text, RulesOf::Session(1));
    assert!(missing.ends_with("there is no session 2"), "{missing}");
    let unknown = WorkspaceFile::parse("[[rule]]\nwhen = 'begins'".to_owned()).unwrap_err().to_string();
    assert!(unknown.contains("expected one of anything, equals, starts, ends, contains, regex"), "{unknown}");
}

proptest! {
    #[test]
    fn workspaces_survive_writing_and_reading(workspace in Workspace::any()) {
        let text = workspace.print().unwrap();
        prop_assert_eq!(WorkspaceFile::parse(text.clone()).unwrap().workspace, workspace, "{}", text);
    }

    #[test]
    fn errors_of_any_text_are_within_it(text in "((\\[\\[)?(session|quick|\\.|name|content|=|'x'|\\]|\n|.){0,12}){0,4}") {
        if let Err(problem) = WorkspaceFile::parse(text.clone()) {
            prop_assert!((1..=text.split('\n').count().max(1)).contains(&problem.line), "{problem}");
            prop_assert!(problem.column >= 1);
        }
    }
}
