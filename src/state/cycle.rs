//! What is sent again and again: what is typed for the next one, and those that run.

use std::time::Duration;

use crate::codec::{duration, number};
use crate::model::{Progress, Repeat};

/// The longest period: a day.
const LONGEST: Duration = Duration::from_hours(24);

/// What is wrong with what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycleProblem {
    /// The period is no number of milliseconds from 0.1 to a day.
    Period,
    /// The count is neither empty nor a number from 1 on.
    Count,
}

/// What is typed for the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleBox {
    /// The period in milliseconds, with or without a fraction; or with a unit, as in `2s`.
    pub period: String,
    /// How many times; empty for no end.
    pub count: String,
}

impl Default for CycleBox {
    fn default() -> Self {
        Self { period: "1000".to_owned(), count: String::new() }
    }
}

impl CycleBox {
    /// The period.
    ///
    /// # Errors
    /// When it is none, or too short or too long.
    pub fn period(&self) -> Result<Duration, CycleProblem> {
        period(&self.period).ok_or(CycleProblem::Period)
    }

    /// How many times; `None` for no end.
    ///
    /// # Errors
    /// When it is no number, or 0.
    pub fn count(&self) -> Result<Option<u64>, CycleProblem> {
        number::parse_if(&self.count, 1..=u64::MAX).map_err(|_why| CycleProblem::Count)
    }
}

/// A time in milliseconds or with a unit, from 0.1 ms to a day.
pub(super) fn period(text: &str) -> Option<Duration> {
    duration::parse_span(text, Repeat::LEAST..=LONGEST).ok()
}

/// One that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// What was ordered.
    pub repeat: Repeat,
    /// How far it has come.
    pub progress: Progress,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_milliseconds_or_have_a_unit() {
        let period = |text: &str| CycleBox { period: text.into(), ..CycleBox::default() }.period();
        assert_eq!(CycleBox::default().period(), Ok(Duration::from_secs(1)));
        for (text, us) in
            [(" 20 ", 20_000), ("0.1", 100), ("2s", 2_000_000), ("500us", 500), ("24h", 86_400_000_000)]
        {
            assert_eq!(period(text), Ok(Duration::from_micros(us)), "{text}");
        }
        for text in ["", "0", "0.09", "-1", "x", "25h", "1 000", "99999999999999999999"] {
            assert_eq!(period(text), Err(CycleProblem::Period), "{text}");
        }
    }

    #[test]
    fn an_empty_count_has_no_end() {
        let count = |text: &str| CycleBox { count: text.into(), ..CycleBox::default() }.count();
        assert_eq!((count(" "), count("12")), (Ok(None), Ok(Some(12))));
        for text in ["0", "-1", "1.5", "many"] {
            assert_eq!(count(text), Err(CycleProblem::Count), "{text}");
        }
    }
}
