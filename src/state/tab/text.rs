//! A tab as a text that is kept for the next start.

use crate::state::SavedTab;

/// What stands in the send box is kept beside the tab if it is longer, in bytes.
const LONG: usize = 64 << 10;

impl SavedTab {
    /// The tab as TOML, and what stands in its send box if that is long.
    ///
    /// # Errors
    /// What cannot be written as TOML.
    pub fn to_text(&self) -> Result<(String, Option<String>), toml::ser::Error> {
        if self.send_text.len() <= LONG {
            return Ok((toml::to_string(self)?, None));
        }
        let mut short = self.clone();
        let long = std::mem::take(&mut short.send_text);
        Ok((toml::to_string(&short)?, Some(long)))
    }

    /// The tab of that text, and of what was long in its send box.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn from_text(text: &str, long: Option<String>) -> Result<Self, toml::de::Error> {
        let mut tab: Self = toml::from_str(text)?;
        if let Some(long) = long.filter(|_| tab.send_text.is_empty()) {
            tab.send_text = long;
        }
        Ok(tab)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_stands_beside_the_rest() {
        for (n, is_long) in [(0, false), (LONG, false), (LONG + 1, true)] {
            let tab = SavedTab { send_text: "x".repeat(n), name: "半句\"".into(), ..SavedTab::default() };
            let (text, long) = tab.to_text().unwrap();
            assert_eq!((long.is_some(), text.len() < LONG), (is_long, is_long || n == 0));
            assert_eq!(SavedTab::from_text(&text, long).unwrap(), tab);
        }
        let stale = SavedTab::from_text("send_text = 'newer'\nno_longer_known = 1", Some("older".into()));
        assert_eq!(stale.unwrap().send_text, "newer");
        assert!(SavedTab::from_text("form = 7", None).is_err());
    }
}
