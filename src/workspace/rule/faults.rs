//! Faults in answers, as one writes them down.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::{is_usual, span, typed};
use super::problem::RuleTrouble;
use super::{delays, said};
use crate::model::Faults;

/// Answers wait so long to be joined if nothing else is said.
const JOIN_WITHIN: Duration = Duration::from_millis(100);
/// The most answers that are joined.
const MAX_JOIN: u32 = 1000;

/// Faults, as typed. A text that is empty says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultsForm {
    /// Every so manieth answer does not go.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub drop_every: String,
    /// In every so manieth, a bit of the checksum is wrong.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub corrupt_every: String,
    /// Every so manieth goes in two sends.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub cut_every: String,
    /// The pause between the two.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub cut_pause: String,
    /// So many go in one send.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub join: String,
    /// So long they wait for each other; 100 ms if nothing is said.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub join_within: String,
    /// Every so manieth goes later.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub delay_every: String,
    /// By this, or by a random time between two.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub delay: String,
    /// The seed of all that is random; 0 if nothing is said.
    #[serde(deserialize_with = "typed", skip_serializing_if = "is_usual")]
    pub seed: String,
}

/// A field of the faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultsField {
    /// Which do not go.
    DropEvery,
    /// Which are damaged.
    CorruptEvery,
    /// Which are cut.
    CutEvery,
    /// The pause where one is cut.
    CutPause,
    /// How many are joined.
    Join,
    /// How long they wait.
    JoinWithin,
    /// Which go later.
    DelayEvery,
    /// By how much.
    Delay,
    /// The seed.
    Seed,
}

impl FaultsField {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::DropEvery,
        Self::CorruptEvery,
        Self::CutEvery,
        Self::CutPause,
        Self::Join,
        Self::JoinWithin,
        Self::DelayEvery,
        Self::Delay,
        Self::Seed,
    ];

    /// The key in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::DropEvery => "drop_every",
            Self::CorruptEvery => "corrupt_every",
            Self::CutEvery => "cut_every",
            Self::CutPause => "cut_pause",
            Self::Join => "join",
            Self::JoinWithin => "join_within",
            Self::DelayEvery => "delay_every",
            Self::Delay => "delay",
            Self::Seed => "seed",
        }
    }
}

/// A field of the faults and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultsProblem {
    /// Which field.
    pub field: FaultsField,
    /// What is wrong.
    pub why: RuleTrouble,
}

impl fmt::Display for FaultsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field.name(), self.why)
    }
}

impl std::error::Error for FaultsProblem {}

impl FaultsForm {
    /// The text of a field, to be edited.
    pub fn text(&mut self, field: FaultsField) -> &mut String {
        match field {
            FaultsField::DropEvery => &mut self.drop_every,
            FaultsField::CorruptEvery => &mut self.corrupt_every,
            FaultsField::CutEvery => &mut self.cut_every,
            FaultsField::CutPause => &mut self.cut_pause,
            FaultsField::Join => &mut self.join,
            FaultsField::JoinWithin => &mut self.join_within,
            FaultsField::DelayEvery => &mut self.delay_every,
            FaultsField::Delay => &mut self.delay,
            FaultsField::Seed => &mut self.seed,
        }
    }

    /// The faults, and the seed.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn build(&self) -> Result<(Faults, u64), FaultsProblem> {
        let join = count(&self.join, FaultsField::Join)?;
        if join > MAX_JOIN {
            return Err(FaultsProblem { field: FaultsField::Join, why: RuleTrouble::Number });
        }
        let faults = Faults {
            drop_every: count(&self.drop_every, FaultsField::DropEvery)?,
            corrupt_every: count(&self.corrupt_every, FaultsField::CorruptEvery)?,
            cut_every: count(&self.cut_every, FaultsField::CutEvery)?,
            cut_pause: time(&self.cut_pause, Duration::ZERO, FaultsField::CutPause)?,
            join,
            join_within: time(&self.join_within, JOIN_WITHIN, FaultsField::JoinWithin)?,
            delay_every: count(&self.delay_every, FaultsField::DelayEvery)?,
            delay: delay(&self.delay)?,
        };
        Ok((faults, count(&self.seed, FaultsField::Seed)?))
    }

    /// Every field that is wrong, each once.
    pub fn problems(&self) -> Vec<FaultsProblem> {
        self.sorted().1
    }

    /// The faults without the fields that are wrong, and the seed.
    pub fn build_right(&self) -> (Faults, u64) {
        self.sorted().0
    }

    fn sorted(&self) -> ((Faults, u64), Vec<FaultsProblem>) {
        let mut left = self.clone();
        let mut problems = Vec::new();
        // What is wrong is taken out, until nothing is.
        loop {
            match left.build() {
                Ok(right) => return (right, problems),
                Err(problem) => {
                    left.text(problem.field).clear();
                    problems.push(problem);
                }
            }
        }
    }
}

fn count<T: std::str::FromStr + Default>(text: &str, field: FaultsField) -> Result<T, FaultsProblem> {
    let Some(text) = said(text) else { return Ok(T::default()) };
    text.parse().map_err(|_no_number| FaultsProblem { field, why: RuleTrouble::Number })
}

fn time(text: &str, usual: Duration, field: FaultsField) -> Result<Duration, FaultsProblem> {
    let Some(text) = said(text) else { return Ok(usual) };
    span(text).ok_or(FaultsProblem { field, why: RuleTrouble::Duration })
}

fn delay(text: &str) -> Result<RangeInclusive<Duration>, FaultsProblem> {
    delays(text).ok_or(FaultsProblem { field: FaultsField::Delay, why: RuleTrouble::Delay })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_wrong_is_named_once() {
        let mut form = FaultsForm::default();
        assert_eq!(form.build(), Ok((Faults { join_within: JOIN_WITHIN, ..Faults::default() }, 0)));
        for field in FaultsField::ALL {
            "x".clone_into(form.text(field));
        }
        let fields: Vec<_> = form.problems().iter().map(|problem| problem.field.name()).collect();
        assert_eq!(fields.len(), FaultsField::ALL.len(), "{fields:?}");
        for field in FaultsField::ALL {
            assert!(fields.contains(&field.name()));
        }
        let many = FaultsForm { join: "1001".to_owned(), ..FaultsForm::default() };
        assert_eq!(many.problems(), [FaultsProblem { field: FaultsField::Join, why: RuleTrouble::Number }]);
    }

    #[test]
    fn what_is_typed_becomes_faults() {
        let ms = Duration::from_millis;
        let form = FaultsForm {
            drop_every: "3".to_owned(),
            cut_every: " 2 ".to_owned(),
            cut_pause: "20".to_owned(),
            delay_every: "1".to_owned(),
            delay: "5ms..1s".to_owned(),
            join: "4".to_owned(),
            join_within: "1s".to_owned(),
            seed: "18446744073709551615".to_owned(),
            ..FaultsForm::default()
        };
        let expected = Faults {
            drop_every: 3,
            corrupt_every: 0,
            cut_every: 2,
            cut_pause: ms(20),
            join: 4,
            join_within: ms(1000),
            delay_every: 1,
            delay: ms(5)..=ms(1000),
        };
        assert_eq!(form.build(), Ok((expected, u64::MAX)));
    }
}
