//! Texts about quick sends: errors of fields, imports, results of sequences.

use super::net::reason;
use super::{grouped, in_words, typed};
use crate::codec::{Charset, decode_all};
use crate::model::Missed;
use crate::state::{QuickId, QuickNotice, RowId as _};
use crate::ui::lang::{Core, InWords, Lang};
use crate::workspace::Remark;

pub(super) fn notice(lang: Lang, notice: &QuickNotice) -> String {
    match notice {
        QuickNotice::Wrong(name, problem) => lang.quick_unsendable(name, typed::fault(lang, &problem.fault)),
        QuickNotice::WrongLoops => lang.quick_wrong_loops().into(),
        QuickNotice::NothingTicked => lang.quick_none_ticked().into(),
        QuickNotice::Done(rounds, 0) => lang.sequence_done(grouped(*rounds)),
        QuickNotice::Done(rounds, n) => lang.sequence_done_unanswered(grouped(*rounds), grouped(*n)),
        QuickNotice::NoAnswer(name, missed) => no_answer(lang, name, missed),
        QuickNotice::Imported(source, n, 0) => lang.imported(source.name(), n),
        QuickNotice::Imported(source, n, n_remarks) => {
            lang.imported_with_remarks(source.name(), n, n_remarks)
        }
        QuickNotice::NotImported(why) => lang.not_imported(reason(lang, why)),
        QuickNotice::Exported(path) => lang.exported(path.display()),
        QuickNotice::NotExported(why) => lang.not_exported(reason(lang, why)),
        QuickNotice::NotForBox(title) => lang.not_for_box(title),
        QuickNotice::Full => lang.quick_full(QuickId::MOST),
    }
}

/// A row got no answer in time, and what was received instead.
fn no_answer(lang: Lang, name: &str, missed: &Missed) -> String {
    let Some(last) = &missed.last else { return lang.sequence_silence(name) };
    // UTF-8 regardless of the session's charset: it shows what is readable and what is not.
    let text = decode_all(Charset::Utf8, &[], last, true).text;
    let readable = text.chars().all(|c| !c.is_control() || c.is_whitespace()) && !text.contains('\u{FFFD}');
    let words = if readable { text.trim().to_owned() } else { crate::codec::hex::to_text(last) };
    lang.sequence_no_answer(name, words.chars().take(60).collect::<String>())
}

pub(crate) fn remark(lang: Lang, remark: &Remark) -> String {
    in_words(lang, remark)
}

impl InWords for Remark {
    fn in_words(&self, core: &Core) -> String {
        let what = self.what.in_words(core);
        core.remark(self.line, if self.lines > 1 { core.remark_lines(what, self.lines) } else { what })
    }
}
