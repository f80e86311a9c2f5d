//! Faults in answers, as typed.

use std::time::Duration;

use super::super::form::form;
use super::super::{duration_or, nonblank};
use super::delays;
use crate::codec::number;
use crate::model::{Fault, Faults, Problem, at};

/// The default of [`FaultsForm::join_within`].
const JOIN_WITHIN: Duration = Duration::from_millis(100);
const MAX_JOIN: u32 = 1000;

form! {
    /// Faults, as typed. `every` N selects every Nth answer; an empty text is no fault.
    pub struct FaultsForm {
        /// These answers are dropped.
        pub drop_every: String as typed,
        /// One bit of the checksum of these is flipped.
        pub corrupt_every: String as typed,
        /// These are sent in two parts.
        pub cut_every: String as typed,
        /// The pause between the two parts.
        pub cut_pause: String as typed,
        /// The number of answers that are sent as one.
        pub join: String as typed,
        /// The longest time that answers wait to be joined; empty for 100 ms.
        pub join_within: String as typed,
        /// These are delayed.
        pub delay_every: String as typed,
        /// The delay, or a range for a random one.
        pub delay: String as typed,
        /// The seed of random numbers; empty for 0.
        pub seed: String as typed,
    }
}

impl FaultsForm {
    /// The fields by their keys, in the order in which they are shown.
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
    /// The first invalid field.
    pub fn build(&self) -> Result<(Faults, u64), Problem> {
        let faults = Faults {
            drop_every: count(&self.drop_every, u32::MAX).map_err(at("drop-every"))?,
            corrupt_every: count(&self.corrupt_every, u32::MAX).map_err(at("corrupt-every"))?,
            cut_every: count(&self.cut_every, u32::MAX).map_err(at("cut-every"))?,
            cut_pause: duration_or(&self.cut_pause, Duration::ZERO).map_err(at("cut-pause"))?,
            join: count(&self.join, MAX_JOIN).map_err(at("join"))?,
            join_within: duration_or(&self.join_within, JOIN_WITHIN).map_err(at("join-within"))?,
            delay_every: count(&self.delay_every, u32::MAX).map_err(at("delay-every"))?,
            delay: delays(&self.delay).map_err(at("delay"))?,
        };
        let seed = nonblank(&self.seed).map_or(Some(0), number::parse);
        Ok((faults, seed.ok_or(Fault::Number(0, i64::MAX)).map_err(at("seed"))?))
    }

    /// Every invalid field, each once.
    pub fn problems(&self) -> Vec<Problem> {
        self.build_and_check().1
    }

    /// The faults and the seed, ignoring invalid fields.
    pub fn build_valid(&self) -> (Faults, u64) {
        self.build_and_check().0
    }

    fn build_and_check(&self) -> ((Faults, u64), Vec<Problem>) {
        let mut left = self.clone();
        let mut problems = Vec::new();
        // Clears one invalid field after another.
        loop {
            match left.build() {
                Ok(valid) => return (valid, problems),
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

fn count(text: &str, most: u32) -> Result<u32, Fault> {
    Ok(number::parse_if(text, 0..=most)?.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invalid_field_is_reported_once() {
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
    fn faults_are_built_from_text() {
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
