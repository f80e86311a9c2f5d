//! `--log`: the log on standard error.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use log::LevelFilter;

use super::say;
use crate::store::log_file;

#[derive(Debug, Args)]
pub(super) struct Logging {
    /// Log events up to this level to standard error; payload is never logged
    #[arg(long, value_name = "LEVEL", global = true,
        value_parser = PossibleValuesParser::new(LEVELS).try_map(|name| name.parse::<LevelFilter>()))]
    log: Option<LevelFilter>,
}

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

impl Logging {
    pub(super) fn start(&self) {
        if let Some(level) = self.log {
            log_file::to_terminal(level, |line| say(line));
        }
    }
}
