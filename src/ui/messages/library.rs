//! What libraries say, in English, in the language of the window.

use crate::ui::lang::{Core, InWords};

/// How texts begin, with `|` between, and what they mean.
type Kind = (&'static str, fn(&Core) -> String);

/// The first that fits counts.
const KINDS: &[Kind] = &[
    ("unexpected leading zero|invalid number|number out of|redundant|radix|integers with", Core::lib_number),
    (
        "`_` may|invalid date|invalid time|invalid exponent|invalid hexadecimal|invalid value",
        Core::lib_number,
    ),
    ("EOF while parsing|unclosed|invalid basic|invalid literal|invalid multi-line", Core::lib_open),
    ("missing value|expected value", Core::lib_no_value),
    ("key with no value|missing assignment|expected `:`", Core::lib_no_sign),
    ("missing comma|expected `,`", Core::lib_no_comma),
    ("string values must be|expected `\"`|missing opening quote", Core::lib_unquoted),
    ("invalid unquoted key|unquoted keys|keys cannot be|key must be|missing key", Core::lib_key),
    ("missing escaped|invalid escape|too few unicode|invalid unicode|lone ", Core::lib_escape),
    ("unexpected end of hex", Core::lib_escape),
    ("control character|invalid comment character|carriage return", Core::lib_control),
    ("invalid type", Core::lib_type),
    ("recursion limit|cannot recurse", Core::lib_too_deep),
    ("extra |unexpected content|unexpected key|unexpected `=`|trailing ", Core::lib_extra),
    ("no packet of Packet Sender", Core::lib_no_packet),
    // gzip and zstd.
    (
        "Specified window_size|window_size |invalid gzip header|Read wrong magic|Error while reading|Failed to parse block",
        Core::lib_header,
    ),
    ("corrupt deflate|incomplete deflate|deflate decompression|Failed to parse/", Core::lib_data),
    ("corrupt gzip stream does not have a matching checksum|the checksum differs", Core::lib_checksum),
    // TLS and certificates.
    ("received corrupt message|peer sent excess", Core::lib_corrupt),
    ("received unexpected", Core::lib_unexpected),
    ("peer misbehaved", Core::lib_misbehaved),
    ("peer is incompatible|peer doesn't support", Core::lib_incompatible),
    ("cannot decrypt", Core::lib_decrypt),
    ("keys may not be", Core::lib_other_key),
    ("failed to parse private key|unexpected error: failed to parse private key", Core::lib_bad_key),
    ("a certificate of its chain has expired", Core::lib_chain_expired),
    ("invalid peer certificate: Revoked", Core::lib_revoked),
    ("invalid peer certificate: BadEncoding", Core::lib_encoding),
    (
        "invalid peer certificate: UnhandledCritical|invalid peer certificate: Unsupported",
        Core::lib_unsupported,
    ),
    ("invalid peer certificate", Core::lib_certificate),
];

/// Such a text: what kind it is, with a name like `UnknownIssuer` at its end, or else in brackets.
impl InWords for String {
    fn in_words(&self, core: &Core) -> String {
        let begins = |begins: &str| self.starts_with(begins);
        let kind = KINDS.iter().find(|(texts, _)| texts.split('|').any(begins)).map(|(_, kind)| kind(core));
        let Some(kind) = kind else { return core.lib_other(self) };
        let name = self.rsplit(": ").next().filter(|name| {
            name != self && name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric)
        });
        name.map_or(kind.clone(), |name| core.lib_named(kind, name))
    }
}
