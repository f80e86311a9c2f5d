//! Texts about rules: errors of fields, what a rule does, the result of a test.

use super::{hex_head, in_words};
use crate::codec::duration;
use crate::codec::matcher::MatchKind;
use crate::model::Recipients;
use crate::rules::{Answer, RuleAction};
use crate::ui::lang::Lang;
use crate::workspace::{RuleForm, ThenKind};

const IN_ROW: usize = 40;
const IN_ANSWER: usize = 256;

/// How a pattern is compared.
pub fn match_kind(lang: Lang, kind: MatchKind) -> &'static str {
    match kind {
        MatchKind::Anything => lang.match_anything(),
        MatchKind::Equals => lang.match_equals(),
        MatchKind::Starts => lang.match_starts(),
        MatchKind::Ends => lang.match_ends(),
        MatchKind::Contains => lang.match_contains(),
        MatchKind::Regex => lang.match_regex(),
    }
}

/// What a rule does.
pub fn then_kind(lang: Lang, then: ThenKind) -> &'static str {
    match then {
        ThenKind::Reply => lang.rule_reply(),
        ThenKind::Echo => lang.rule_echo_it(),
        ThenKind::SendFile => lang.rule_send_file(),
        ThenKind::SaveFile => lang.rule_save_file(),
        ThenKind::Modbus => lang.rule_modbus(),
        ThenKind::Sequence => lang.rule_sequence(),
        ThenKind::Replace => lang.rule_replace(),
        ThenKind::Drop => lang.rule_drop(),
        ThenKind::Hold => lang.rule_hold(),
        ThenKind::Close => lang.rule_close(),
        ThenKind::Reset => lang.rule_reset(),
        ThenKind::StopRecording => lang.rule_stop_recording(),
        ThenKind::Highlight => lang.rule_highlight(),
        ThenKind::Note => lang.rule_note(),
        ThenKind::Notify => lang.rule_notify(),
        ThenKind::Run => lang.rule_run(),
    }
}

pub(crate) fn recipients(lang: Lang, to: Recipients) -> &'static str {
    match to {
        Recipients::Sender => lang.rule_to_sender(),
        Recipients::All => lang.rule_to_all(),
        Recipients::Others => lang.rule_to_others(),
    }
}

/// The name of a rule, or what it does.
pub(crate) fn rule_title(lang: Lang, form: &RuleForm) -> String {
    let name = form.name.trim();
    if name.is_empty() { rule_does(lang, form) } else { name.to_owned() }
}

/// When a rule is used, and what it does.
pub(crate) fn rule_does(lang: Lang, form: &RuleForm) -> String {
    let short = |text: &str| text.chars().take(IN_ROW).map(crate::codec::glyph::visible).collect::<String>();
    let when = match form.when {
        _ if form.is_for_silence() => format!("{} {}", lang.rule_silence(), form.silence.trim()),
        MatchKind::Anything => String::from("*"),
        kind => format!("{} {}", match_kind(lang, kind), short(&form.pattern)),
    };
    let content = match form.then {
        ThenKind::Run => short(&form.command),
        then if then.has_content() => short(&form.content),
        _other => String::new(),
    };
    format!("{when} → {} {content}", then_kind(lang, form.then)).trim_end().to_owned()
}

pub(crate) fn answer(lang: Lang, answer: &Answer) -> String {
    let Answer { rule: _, flow: _, after, to, what } = answer;
    let bytes = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes.get(..IN_ANSWER).unwrap_or(bytes));
        let text: String = text.chars().map(crate::codec::glyph::visible).collect();
        format!("{} B: {}\n{text}", bytes.len(), hex_head(bytes, IN_ANSWER))
    };
    let what = match what {
        RuleAction::Send(message) => bytes(message),
        RuleAction::SendCut { head, pause, tail } => {
            format!("{}\n+{}\n{}", bytes(head), duration::words(*pause), bytes(tail))
        }
        RuleAction::SendFile(file) => {
            format!("{} {}", lang.rule_send_file(), file.folder.join(&file.name).display())
        }
        RuleAction::SaveFile(file, content) => {
            let path = file.folder.join(&file.name);
            format!("{} {}\n{}", lang.rule_save_file(), path.display(), bytes(content))
        }
        RuleAction::Replace(message) => format!("{}: {}", lang.rule_replace(), bytes(message)),
        RuleAction::Drop => lang.rule_drop().to_owned(),
        RuleAction::Hold(_) => lang.rule_hold().to_owned(),
        RuleAction::Close => lang.rule_close().to_owned(),
        RuleAction::Reset => lang.rule_reset().to_owned(),
        RuleAction::StopRecording => lang.rule_stop_recording().to_owned(),
        RuleAction::Highlight => lang.rule_highlight().to_owned(),
        RuleAction::Note(text) => format!("{}: {text}", lang.rule_note()),
        RuleAction::Sequence(page) => format!("{} {page}", lang.rule_sequence()),
        RuleAction::Notify(text) => format!("{}: {text}", lang.rule_notify()),
        RuleAction::Run(command, _) => format!("{} {}", lang.rule_run(), command.name),
        RuleAction::Fail(fault) => in_words(lang, fault),
    };
    let after = if after.is_zero() { String::new() } else { format!("+{} ", duration::words(*after)) };
    format!("{after}→ {}: {what}", recipients(lang, *to))
}
