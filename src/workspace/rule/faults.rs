//! Faults in answers, as one writes them down.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::{is_usual, span, typed};
use super::{delays, said};
use crate::codec::number;
use crate::model::{Fault, Faults, Problem, at};

/// Answers wait so long to be joined if nothing else is said.
const JOIN_WITHIN: Duration = Duration::from_millis(100);
/// The most answers that are joined.
const MAX_JOIN: u32 = 1000;

/// Faults, as typed. A text that is empty says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
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

impl FaultsForm {
    /// The texts of all fields by their keys, to be edited, in the order in which they are shown.
    pub fn fields(&mut self) -> [(&'static str, &mut String); 9] {
        [
            ("drop-every", &mut self.drop_every),
            ("corrupt-every", &mut self.corrupt_every),
            ("cut-every", &mut self.cut_every),
            ("cut-pause", &mut self.cut_pause),
            ("join", &mut self.join),
            ("join-within", &mut self.join_within),
            ("delay-every", &mut self.delay_every),
            ("delay", &mut self.delay),
            ("seed", &mut self.seed),
        ]
    }

    /// The faults, and the seed.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn build(&self) -> Result<(Faults, u64), Problem> {
        let faults = Faults {
            drop_every: count(&self.drop_every).map_err(at("drop-every"))?,
            corrupt_every: count(&self.corrupt_every).map_err(at("corrupt-every"))?,
            cut_every: count(&self.cut_every).map_err(at("cut-every"))?,
            cut_pause: span(&self.cut_pause, Duration::ZERO).map_err(at("cut-pause"))?,
            join: match said(&self.join) {
                None => 0,
                Some(text) => number::parse_in(text, 0..=MAX_JOIN).map_err(at("join"))?,
            },
            join_within: span(&self.join_within, JOIN_WITHIN).map_err(at("join-within"))?,
            delay_every: count(&self.delay_every).map_err(at("delay-every"))?,
            delay: delays(&self.delay).map_err(at("delay"))?,
        };
        let seed = match said(&self.seed) {
            None => 0,
            Some(text) => number::parse(text).ok_or(Fault::Number(0, i64::MAX)).map_err(at("seed"))?,
        };
        Ok((faults, seed))
    }

    /// Every field that is wrong, each once.
    pub fn problems(&self) -> Vec<Problem> {
        self.sorted().1
    }

    /// The faults without the fields that are wrong, and the seed.
    pub fn build_right(&self) -> (Faults, u64) {
        self.sorted().0
    }

    fn sorted(&self) -> ((Faults, u64), Vec<Problem>) {
        let mut left = self.clone();
        let mut problems = Vec::new();
        // What is wrong is taken out, until nothing is.
        loop {
            match left.build() {
                Ok(right) => return (right, problems),
                Err(problem) => {
                    for (key, text) in left.fields() {
                        if key == problem.path {
                            text.clear();
                        }
                    }
                    problems.push(problem);
                }
            }
        }
    }
}

fn count(text: &str) -> Result<u32, Fault> {
    said(text).map_or(Ok(0), |text| number::parse_in(text, 0..=u32::MAX).map_err(Fault::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_wrong_is_named_once() {
        let mut form = FaultsForm::default();
        assert_eq!(form.build(), Ok((Faults { join_within: JOIN_WITHIN, ..Faults::default() }, 0)));
        let keys = form.fields().map(|(key, text)| {
            "x".clone_into(text);
            key
        });
        let wrong: Vec<_> = form.problems().into_iter().map(|problem| problem.path).collect();
        assert_eq!(wrong.len(), keys.len(), "{wrong:?}");
        assert!(keys.iter().all(|key| wrong.iter().any(|wrong| wrong == key)), "{wrong:?}");
        let many = FaultsForm { join: "1001".to_owned(), ..FaultsForm::default() };
        assert_eq!(many.problems(), [Problem::new("join", Fault::Number(0, 1000))]);
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
