//! The reference tables in the READMEs, compared with the tables in the code that they document.

use std::fmt::Write as _;

use netassist::model::{Fault, OPTIONS, OptionSpec, Protocol, Typed};
use netassist::ui::lang::Lang;

/// A name, what it takes, its default, the sessions that it is for, what it does.
fn row(spec: &OptionSpec, does: &str) -> String {
    let words = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let takes = match spec.typed {
        Typed::Flag { .. } => "`true`, `false`".to_owned(),
        Typed::Choice(all) => words(all),
        Typed::Text { value, example, .. } => match spec.check("?") {
            Err(Fault::OneOf(_, all)) => words(&all.iter().map(String::as_str).collect::<Vec<_>>()),
            _ => format!("{value}, e.g. `{example}`"),
        },
    };
    let usual = if spec.usual().is_empty() { String::new() } else { format!("`{}`", spec.usual()) };
    let protocols: Vec<&str> =
        Protocol::ALL.into_iter().filter(|&protocol| spec.is_for(protocol)).map(Protocol::name).collect();
    format!("| `{}` | {takes} | {usual} | {} | {does} |\n", spec.name, protocols.join(", "))
}

#[test]
fn the_readmes_list_every_option() {
    let in_english = |spec: &OptionSpec| spec.help.to_owned();
    let in_chinese = |spec: &OptionSpec| {
        let (label, tip) = Lang::ZhCn.option(spec.name).unwrap();
        format!("{label}：{tip}")
    };
    contains_table("README.md", "| Option | Value | Default | Sessions | Effect |", in_english);
    contains_table("README.zh-CN.md", "| 选项 | 取值 | 默认值 | 会话 | 说明 |", in_chinese);
}

#[track_caller]
fn contains_table(file: &str, head: &str, effect: impl Fn(&OptionSpec) -> String) {
    let mut table = format!("{head}\n|---|---|---|---|---|\n");
    for spec in OPTIONS {
        table.write_str(&row(spec, &effect(spec))).unwrap();
    }
    let text = std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(text.replace("\r\n", "\n").contains(&table), "{file} should contain:\n{table}");
}
