//! The flags of socket options, as the table of options has them.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, Id};

use crate::cli::values;
use crate::model::{OPTIONS, OptionSpec, Protocol, Typed};
use crate::workspace::TypedOptions;

/// In place of a protocol: the options of every protocol.
pub(in crate::cli) const ALL: usize = Protocol::ALL.len();

/// In place of a protocol: the options of the protocols that relay.
pub(in crate::cli) const RELAY: usize = ALL + 1;

/// What the flags set, as typed. `OF` is the place of a protocol in [`Protocol::ALL`], [`ALL`] or [`RELAY`].
#[derive(Debug, Clone)]
pub(in crate::cli) struct OptionFlags<const OF: usize> {
    typed: Vec<(&'static str, String)>,
}

impl<const OF: usize> OptionFlags<OF> {
    pub(in crate::cli) fn set(&self, options: &mut TypedOptions) {
        for (name, text) in &self.typed {
            options.set(name, text.clone());
        }
    }

    /// The options of the flags alone.
    pub(in crate::cli) fn typed(&self) -> TypedOptions {
        let mut options = TypedOptions::default();
        self.set(&mut options);
        options
    }
}

impl<const OF: usize> Args for OptionFlags<OF> {
    fn augment_args(mut command: Command) -> Command {
        for spec in specs::<OF>() {
            let arg = Arg::new(spec.name).long(spec.name).help(help(spec)).help_heading("Socket options");
            command = match spec.typed {
                Typed::Flag { usual } => {
                    let no = no(spec);
                    let arg = arg.action(ArgAction::SetTrue).overrides_with(no);
                    let opposite = Arg::new(no).long(no).help(format!("Turn --{} off", spec.name));
                    let opposite = opposite.help_heading("Socket options").action(ArgAction::SetTrue);
                    let opposite = opposite.overrides_with(spec.name);
                    // With several protocols, either flag may change something.
                    let only_one = OF != ALL;
                    command.arg(arg.hide(usual && only_one)).arg(opposite.hide(!usual))
                }
                Typed::Choice(words) => command.arg(
                    arg.value_name("UNTIL")
                        .num_args(0..=1)
                        .require_equals(true)
                        .default_missing_value(words.first().copied().unwrap_or_default())
                        .value_parser(words.to_vec()),
                ),
                Typed::Text { value, .. } if is_by_line(spec) => {
                    command.arg(arg.value_name(value).action(ArgAction::Append).value_parser(parser(spec)))
                }
                Typed::Text { value, .. } if spec.name == "join" => {
                    command.arg(arg.value_name(value).action(ArgAction::Append).value_parser(values::groups))
                }
                // An error must not repeat a password.
                Typed::Text { value, .. } if spec.name == "proxy" => command.arg(arg.value_name(value)),
                Typed::Text { value, .. } => command.arg(arg.value_name(value).value_parser(parser(spec))),
            };
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }

    fn group_id() -> Option<Id> {
        None
    }
}

impl<const OF: usize> FromArgMatches for OptionFlags<OF> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let typed = |spec: &'static OptionSpec| match spec.typed {
            Typed::Flag { .. } => {
                let on = matches.get_flag(spec.name).then_some("true");
                on.or(matches.get_flag(no(spec)).then_some("false")).map(str::to_owned)
            }
            Typed::Choice(_) | Typed::Text { .. } => {
                let texts: Vec<String> = matches.get_many(spec.name)?.cloned().collect();
                Some(texts.join(if is_by_line(spec) { "\n" } else { " " }))
            }
        };
        let typed = specs::<OF>().filter_map(|spec| Some((spec.name, typed(spec)?))).collect();
        Ok(Self { typed })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn specs<const OF: usize>() -> impl Iterator<Item = &'static OptionSpec> {
    let is_for = |protocol: &&Protocol| OF != RELAY || protocol.relays();
    let is_of = |n: usize| OF >= ALL || n == OF;
    let of = move |spec: &OptionSpec| {
        let mut protocols = (0..).zip(&Protocol::ALL).filter(|(n, protocol)| is_of(*n) && is_for(protocol));
        protocols.any(|(_, &protocol)| spec.is_for(protocol))
    };
    OPTIONS.iter().filter(move |spec| of(spec))
}

/// Whether it is repeatable, one line each.
fn is_by_line(spec: &OptionSpec) -> bool {
    matches!(spec.name, "fault" | "ws-header")
}

fn help(spec: &OptionSpec) -> String {
    match spec.typed {
        Typed::Text { usual, .. } if !usual.is_empty() => format!("{} [default: {usual}]", spec.help),
        Typed::Flag { .. } | Typed::Choice(_) | Typed::Text { .. } => spec.help.to_owned(),
    }
}

/// The flag that turns another off.
fn no(spec: &OptionSpec) -> &'static str {
    static NAMES: std::sync::LazyLock<Vec<String>> =
        std::sync::LazyLock::new(|| OPTIONS.iter().map(|spec| format!("no-{}", spec.name)).collect());
    let n = OPTIONS.iter().position(|known| known.name == spec.name);
    n.and_then(|n| NAMES.get(n)).map_or("", String::as_str)
}

fn parser(spec: &'static OptionSpec) -> ValueParser {
    ValueParser::new(move |text: &str| match spec.check(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(fault) => Err(fault.to_string()),
    })
}
