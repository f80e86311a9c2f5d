//! `--NAME VALUE` on the command line, and the exit status. Knows no names.

use std::error::Error;
use std::fmt::Display;
use std::process::ExitCode;
use std::str::FromStr;

/// 0 if what is wanted was reached, 1 if not, 2 and a sentence if it could not be measured.
pub(crate) fn exit_code(done: Result<bool, Box<dyn Error>>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Hands each option to `set`, which takes its value with [`Value::parse`] or says that there is no
/// such option by giving back false.
///
/// # Errors
/// A sentence about the first option that is wrong, followed by `usage`.
pub(crate) fn read(
    arguments: impl IntoIterator<Item = String>,
    usage: &str,
    mut set: impl FnMut(&str, Value<'_>) -> Result<bool, String>,
) -> Result<(), String> {
    let mut arguments = arguments.into_iter();
    while let Some(name) = arguments.next() {
        let known = match set(&name, Value { name: &name, rest: &mut arguments }) {
            Ok(known) => known,
            Err(wrong) => return Err(format!("{wrong}\n{usage}")),
        };
        if !known {
            return Err(format!("there is no option {name}\n{usage}"));
        }
    }
    Ok(())
}

/// The value of an option, not looked at yet.
pub(crate) struct Value<'a> {
    name: &'a str,
    rest: &'a mut dyn Iterator<Item = String>,
}

impl Value<'_> {
    /// The value; underscores in it are for the eye.
    ///
    /// # Errors
    /// When it is missing or wrong.
    pub(crate) fn parse<T: FromStr<Err: Display>>(self) -> Result<T, String> {
        let Self { name, rest } = self;
        let text = rest.next().ok_or_else(|| format!("{name} needs a value"))?;
        text.parse().map_err(|error| format!("{name} {text}: {error}"))
    }
}
