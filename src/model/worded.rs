//! Faults and hints that consist of their words.

/// Declares an enum of what is told to the user. [`Display`](std::fmt::Display) gives its English words, which say all that
/// there is to each alternative.
macro_rules! worded_enum {
    ($(#[$meta:meta])* pub enum $type:ident { $($variant:ident $(($arg:ty))? = $words:literal $(, $value:expr)?;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum $type {
            $(#[doc = concat!("`", $words, "`.")] #[error($words $(, $value)?)] $variant $(($arg))?,)+
        }
    };
}

pub(super) use worded_enum;
