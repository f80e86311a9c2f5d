//! Errors in typed text, and what would be valid.

use super::in_words;
use crate::codec::charset::Unencodable;
use crate::codec::query::QueryError;
use crate::codec::template::{TemplateError, TemplateProblem};
use crate::codec::text_error::TextError;
use crate::model::{Fault, Problem};
use crate::state::SendProblem;
use crate::ui::lang::{Core, InWords, Lang};

/// What is wrong with a value, and what would be accepted.
pub fn fault(lang: Lang, fault: &Fault) -> String {
    if let Fault::Template(error) = fault { template_error(lang, error) } else { in_words(lang, fault) }
}

pub(crate) fn fault_of(lang: Lang, problems: &[Problem], name: &str) -> Option<String> {
    problems.iter().find(|problem| problem.path == name).map(|problem| fault(lang, &problem.fault))
}

pub(crate) fn query_error(lang: Lang, error: &QueryError) -> String {
    in_words(lang, error)
}

/// What is wrong in the send box, and what would be valid.
pub fn send_problem(lang: Lang, problem: &SendProblem) -> String {
    match problem {
        SendProblem::Typed(error) => in_words(lang, error),
        SendProblem::Placeholder(error) => template_error(lang, error),
        SendProblem::Append(fault) => in_words(lang, fault),
        SendProblem::AppendList(error) => in_words(lang, error),
    }
}

fn template_error(lang: Lang, error: &TemplateError) -> String {
    // In the window a menu lists them, so the text refers to it.
    if error.why == TemplateProblem::Unknown {
        lang.placeholder_unknown().into()
    } else {
        in_words(lang, error)
    }
}

impl<P: InWords> InWords for TextError<P> {
    fn in_words(&self, core: &Core) -> String {
        self.why.in_words(core)
    }
}

impl InWords for Unencodable {
    fn in_words(&self, core: &Core) -> String {
        core.not_in_charset(self.ch.escape_debug())
    }
}
