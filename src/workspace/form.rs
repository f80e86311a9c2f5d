//! Declares forms: structs of values as typed, which tabs hold and files contain.

/// Declares a form with its defaults and its TOML. A field that has its default value is not written, except one
/// whose default is given with `=`. A field `as typed` may be a whole number in the file.
macro_rules! form {
    ($(#[$meta:meta])* pub struct $form:ident { $($fields:tt)* }) => {
        form!(@fields [$(#[$meta])*] $form [] [] $($fields)*);
    };
    (@fields $head:tt $form:ident [$($done:tt)*] [$($defaults:tt)*]
     $(#[$meta:meta])* pub $field:ident: $type:ty = $default:expr, $($rest:tt)*) => {
        form!(@fields $head $form
            [$($done)* $(#[$meta])* pub $field: $type,]
            [$($defaults)* $field: $default,]
            $($rest)*);
    };
    (@fields $head:tt $form:ident $done:tt $defaults:tt
     $(#[$meta:meta])* pub $field:ident: $type:ty as typed, $($rest:tt)*) => {
        form!(@fields $head $form $done $defaults
            $(#[$meta])* #[serde(deserialize_with = "crate::workspace::typed")] pub $field: $type,
            $($rest)*);
    };
    (@fields $head:tt $form:ident [$($done:tt)*] [$($defaults:tt)*]
     $(#[$meta:meta])* pub $field:ident: $type:ty, $($rest:tt)*) => {
        form!(@fields $head $form
            [$($done)* $(#[$meta])* #[serde(skip_serializing_if = "crate::workspace::is_default")] pub $field: $type,]
            [$($defaults)* $field: Default::default(),]
            $($rest)*);
    };
    (@fields [$($head:tt)*] $form:ident [$($(#[$meta:meta])* pub $field:ident: $type:ty,)+] [$($defaults:tt)*]) => {
        $($head)*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        pub struct $form {
            $($(#[$meta])* pub $field: $type,)+
        }

        impl Default for $form {
            fn default() -> Self {
                Self { $($defaults)* }
            }
        }

        #[cfg(test)]
        impl crate::workspace::any::Any for $form {
            fn any() -> proptest::strategy::BoxedStrategy<Self> {
                use proptest::strategy::{Just, Strategy as _};
                let form = Just(Self::default()).boxed();
                $(let form = (form, <$type>::any()).prop_map(|(form, $field)| Self { $field, ..form }).boxed();)+
                form
            }
        }
    };
}

pub(super) use form;
