//! What may be wrong with a rule, field by field, in English.

use std::fmt;

use super::modbus::ModbusTrouble;
use crate::codec::append::StepError;
use crate::codec::compose::ComposeError;
use crate::codec::matcher::MatcherError;
use crate::codec::template::TemplateError;

/// A field of a rule that may hold something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleField {
    /// What is looked for.
    Pattern,
    /// How many bytes the message has.
    Length,
    /// The checksum.
    Checksum,
    /// The bytes behind it.
    ChecksumBehind,
    /// Who sends it.
    From,
    /// What is sent, saved or noted.
    Content,
    /// One of the things that are appended, from 0.
    Append(usize),
    /// The folder of files.
    Folder,
    /// The name of the file.
    File,
    /// The delay.
    After,
    /// The rest after use.
    CoolDown,
    /// How often.
    AtMost,
    /// The unit of the device.
    Unit,
    /// Bits to read and write.
    Coils,
    /// Bits to read.
    DiscreteInputs,
    /// Numbers to read and write.
    HoldingRegisters,
    /// Numbers to read.
    InputRegisters,
}

impl RuleField {
    /// The keys under which it stands in a rule's table.
    pub fn path(self) -> &'static [&'static str] {
        match self {
            Self::Pattern => &["pattern"],
            Self::Length => &["length"],
            Self::Checksum => &["checksum"],
            Self::ChecksumBehind => &["checksum_behind"],
            Self::From => &["from"],
            Self::Content => &["content"],
            Self::Append(_) => &["append"],
            Self::Folder => &["folder"],
            Self::File => &["file"],
            Self::After => &["after"],
            Self::CoolDown => &["cool_down"],
            Self::AtMost => &["at_most"],
            Self::Unit => &["modbus", "unit"],
            Self::Coils => &["modbus", "coils"],
            Self::DiscreteInputs => &["modbus", "discrete_inputs"],
            Self::HoldingRegisters => &["modbus", "holding_registers"],
            Self::InputRegisters => &["modbus", "input_registers"],
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleTrouble {
    /// It is no pattern.
    Pattern(MatcherError),
    /// It is no range of lengths.
    Length,
    /// It is something to append, but no checksum.
    NoChecksum,
    /// There is no such thing to append, or no such checksum.
    Step(StepError),
    /// It is no address.
    Address,
    /// The content stands for no bytes.
    Content(ComposeError),
    /// The text with its placeholders stands for no bytes.
    Template(TemplateError),
    /// Something must stand here.
    Missing,
    /// It is no delay.
    Delay,
    /// It is no span of time, or longer than a day.
    Duration,
    /// It is no whole number, or too small.
    Number,
    /// The device cannot have this.
    Modbus(ModbusTrouble),
}

impl fmt::Display for RuleTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(error) => error.fmt(f),
            Self::Length => {
                f.write_str("right is a number of bytes, or two of them, e.g. 8, 2..20, 2.. or ..20")
            }
            Self::NoChecksum => f.write_str("right is a checksum, e.g. CRC-16/MODBUS or XOR-8:from=1"),
            Self::Step(error) => error.fmt(f),
            Self::Address => f.write_str(
                "right is an address, with or without a port, e.g. 192.0.2.1, 192.0.2.1:80 or [::1]:80",
            ),
            Self::Content(error) => error.fmt(f),
            Self::Template(error) => error.fmt(f),
            Self::Missing => f.write_str("something must stand here"),
            Self::Delay => {
                f.write_str("right is a time up to a day, or two of them, e.g. 20ms, 1.5s or 5ms..20ms")
            }
            Self::Duration => f.write_str(
                "right is a time up to a day: milliseconds, or a number and a unit, e.g. 20ms, 1.5s",
            ),
            Self::Number => f.write_str("right is a whole number"),
            Self::Modbus(trouble) => trouble.fmt(f),
        }
    }
}

/// A field and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RuleProblem {
    /// Which field.
    pub field: RuleField,
    /// What is wrong.
    pub why: RuleTrouble,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field.path().join("."), self.why)
    }
}

impl std::error::Error for RuleProblem {}
