//! The history of a send box. The shell reads and writes its file.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::workspace::Draft;

/// The most entries.
const MOST: usize = 500;
/// The most bytes of text, except that the newest entry is always kept.
const MOST_BYTES: usize = 4 << 20;

/// An entry of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Past {
    /// It was typed and gave way to something else before it was sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unsent: bool,
    pub(crate) draft: Draft,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Walk {
    /// What was in the box before the walk.
    draft: Draft,
    at: usize,
}

/// What was sent from one tab, the newest first, each only once.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub(crate) search: String,
    pub(crate) focus: bool,
    entries: VecDeque<Arc<Past>>,
    n_bytes: usize,
    serial: u64,
    file: Option<String>,
    loading: bool,
    walk: Option<Walk>,
    found: Vec<Arc<Past>>,
    found_for: Option<(u64, String)>,
}

impl History {
    /// The history that stands in the file of that name, which the shell is to read. A name that could
    /// lead out of the folder is none.
    pub fn in_file(name: &str) -> Self {
        let right = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        Self { file: right.then(|| name.to_owned()), loading: right, ..Self::default() }
    }

    /// The name of its file, without folder and extension; `None` as long as it has none.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Gives it a file, if it has none.
    pub fn name(&mut self, name: String) {
        self.file.get_or_insert(name);
    }

    /// Whether its file is still to be read. Until then it must not be written.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// A number that changes whenever the entries do; 0 as long as they are those of the file.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The entries, the newest first.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Arc<Past>> {
        self.entries.iter()
    }

    /// What was read of its file: older than all that is there by now.
    pub fn loaded(&mut self, older: Vec<Past>) {
        self.loading = false;
        let is_as_written = self.entries.is_empty();
        for past in older {
            if self.entries.iter().all(|known| known.draft != past.draft) {
                self.n_bytes += past.draft.content.len();
                self.entries.push_back(Arc::new(past));
            }
        }
        self.trim();
        self.found_for = None;
        self.serial += u64::from(!is_as_written);
    }

    /// This was sent.
    pub fn sent(&mut self, draft: Draft) {
        self.walk = None;
        self.put(Past { draft, unsent: false });
    }

    /// This gives way to something else. If it was not sent and is not blank, it is kept all the same.
    pub fn keep(&mut self, draft: Draft) {
        let known = self.entries.iter().any(|past| past.draft == draft);
        if !known && !draft.content.trim().is_empty() {
            self.put(Past { draft, unsent: true });
        }
    }

    /// What is in the box gives way to something else, and so does what was typed before walking.
    pub fn replaced(&mut self, now: Draft) {
        if let Some(walk) = self.walk.take() {
            self.keep(walk.draft);
        }
        self.keep(now);
    }

    /// Takes an entry away.
    pub fn forget(&mut self, draft: &Draft) {
        self.walk = None;
        self.take(draft);
        self.changed();
    }

    /// The entry before the one that is in the box. What is being typed is kept.
    pub fn older(&mut self, now: &Draft) -> Option<Draft> {
        let next = match self.standing(now) {
            Some(at) => at + 1,
            // What was just sent is still in the box.
            None => usize::from(self.entries.front().is_some_and(|past| past.draft == *now)),
        };
        let draft = self.entries.get(next)?.draft.clone();
        match &mut self.walk {
            Some(walk) => walk.at = next,
            None => self.walk = Some(Walk { draft: now.clone(), at: next }),
        }
        Some(draft)
    }

    /// The entry after the one that is in the box; in the end, what was being typed.
    pub fn newer(&mut self, now: &Draft) -> Option<Draft> {
        let at = self.standing(now)?;
        let walk = self.walk.as_mut()?;
        let next = at.checked_sub(1).and_then(|next| Some((next, self.entries.get(next)?)));
        match next.filter(|(_, past)| past.draft != walk.draft) {
            Some((next, past)) => {
                walk.at = next;
                Some(past.draft.clone())
            }
            None => self.walk.take().map(|walk| walk.draft),
        }
    }

    /// The current entry of the walk. Changed text is kept.
    fn standing(&mut self, now: &Draft) -> Option<usize> {
        let walk = self.walk.as_ref()?;
        let (at, is_draft) = (walk.at, walk.draft == *now);
        let same = self.entries.get(at).is_some_and(|past| past.draft == *now);
        if same || is_draft {
            return Some(at);
        }
        let n = self.entries.len();
        self.keep(now.clone());
        // It is the first entry now.
        let at = at + (self.entries.len() - n).min(1);
        if let Some(walk) = &mut self.walk {
            walk.at = at;
        }
        Some(at)
    }

    /// The entries in which is found what is typed to search, in upper or lower case.
    pub fn found(&mut self) -> &[Arc<Past>] {
        let wanted = (self.serial, self.search.clone());
        if self.found_for.as_ref() != Some(&wanted) {
            let part = wanted.1.to_lowercase();
            let fits = |past: &&Arc<Past>| past.draft.content.to_lowercase().contains(&part);
            self.found = self.entries.iter().filter(fits).map(Arc::clone).collect();
            self.found_for = Some(wanted);
        }
        &self.found
    }

    fn put(&mut self, past: Past) {
        self.take(&past.draft);
        self.n_bytes += past.draft.content.len();
        self.entries.push_front(Arc::new(past));
        self.changed();
    }

    fn take(&mut self, draft: &Draft) {
        if let Some(at) = self.entries.iter().position(|known| known.draft == *draft) {
            self.drop_one(at);
        }
    }

    fn drop_one(&mut self, at: usize) {
        if let Some(past) = self.entries.remove(at) {
            self.n_bytes -= past.draft.content.len();
        }
    }

    fn changed(&mut self) {
        self.serial += 1;
        self.trim();
    }

    fn trim(&mut self) {
        while self.entries.len() > MOST || (self.n_bytes > MOST_BYTES && self.entries.len() > 1) {
            self.drop_one(self.entries.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::LineBreak;
    use crate::state::SendMode;

    fn draft(text: &str) -> Draft {
        Draft { content: text.into(), ..Draft::default() }
    }

    fn of(sent: &[&str]) -> History {
        let mut history = History::default();
        for text in sent {
            history.sent(draft(text));
        }
        history
    }

    fn texts(history: &History) -> Vec<&str> {
        history.entries().map(|past| past.draft.content.as_str()).collect()
    }

    #[test]
    fn the_newest_comes_first_and_each_only_once() {
        let mut history = of(&["a", "b", "a"]);
        assert_eq!(texts(&history), ["a", "b"]);
        history.sent(Draft { mode: SendMode::Hex, ..draft("a") });
        assert_eq!(texts(&history), ["a", "a", "b"], "read in another way it is something else");
        history.forget(&draft("a"));
        assert_eq!(texts(&history), ["a", "b"]);
    }

    #[test]
    fn it_is_walked_as_that_of_a_shell() {
        let walk = |sent: &[&str], steps: &[(bool, &str, Option<&str>)]| {
            let mut history = of(sent);
            for (older, now, expected) in steps {
                let now = draft(now);
                let next = if *older { history.older(&now) } else { history.newer(&now) };
                assert_eq!(next, expected.map(draft), "{older} from {now:?}");
            }
            texts(&history).concat()
        };
        let steps = [
            (false, "typed", None),
            (true, "typed", Some("c")),
            (true, "c", Some("b")),
            (true, "b", Some("a")),
            (true, "a", None),
            (false, "a", Some("b")),
            (false, "b", Some("c")),
            (false, "c", Some("typed")),
            (false, "typed", None),
        ];
        assert_eq!(walk(&["a", "b", "c"], &steps), "cba", "nothing was added");
        // What was just sent is still in the box and is skipped.
        let steps = [(true, "b", Some("a")), (false, "a", Some("b")), (false, "b", None)];
        walk(&["a", "b"], &steps);
    }

    #[test]
    fn what_is_changed_on_the_way_is_kept() {
        let mut history = of(&["a", "b"]);
        history.older(&draft("typed"));
        assert_eq!(history.older(&draft("b, changed")), Some(draft("a")));
        assert_eq!(history.newer(&draft("a, too")), Some(draft("b")));
        assert_eq!(texts(&history), ["a, too", "b, changed", "b", "a"]);
        let unsent: Vec<bool> = history.entries().map(|past| past.unsent).collect();
        assert_eq!(unsent, [true, true, false, false]);
        history.replaced(draft("and this"));
        assert_eq!(texts(&history)[..2], ["and this", "typed"]);
        history.replaced(draft(" \n"));
        history.replaced(draft("typed"));
        assert_eq!(history.entries().len(), 6, "neither blanks nor what is there");
        history.sent(draft("typed"));
        assert!(!history.entries().next().unwrap().unsent);
    }

    #[test]
    fn it_is_bounded_in_number_and_in_bytes() {
        let mut history = History::default();
        for n in 0..MOST + 50 {
            history.sent(draft(&n.to_string()));
        }
        assert_eq!((history.entries().len(), texts(&history)[0]), (MOST, "549"));
        history.sent(draft(&"x".repeat(MOST_BYTES - 6)));
        assert_eq!(history.entries().len(), 3);
        history.sent(draft(&"y".repeat(MOST_BYTES * 2)));
        assert_eq!(history.entries().len(), 1, "the newest is kept however long it is");
        history.sent(draft("z"));
        assert_eq!(texts(&history), ["z"]);
    }

    #[test]
    fn what_is_read_from_the_file_is_older() {
        let mut history = History::in_file("12-ab");
        assert!(history.is_loading() && history.file() == Some("12-ab"));
        history.sent(draft("new"));
        let past = |text: &str| Past { draft: draft(text), unsent: false };
        history.loaded(vec![past("old"), past("new"), past("older")]);
        assert_eq!(texts(&history), ["new", "old", "older"]);
        assert!(!history.is_loading() && history.serial() == 2, "the file lacks one");
        let mut same = History::in_file("1");
        assert_eq!(same.found().len(), 0);
        same.loaded(vec![past("old")]);
        assert_eq!((same.serial(), same.found().len()), (0, 1), "nothing to be written");
        for name in ["", "../x", "a/b", "C:", "é"] {
            let history = History::in_file(name);
            assert!(history.file().is_none() && !history.is_loading(), "{name}");
        }
    }

    #[test]
    fn it_is_searched_in_any_case() {
        let mut history = of(&["AT+GMR", "01 03", "at+rst", "Größe"]);
        let find = |history: &mut History, text: &str| {
            history.search = text.into();
            history.found().iter().map(|past| past.draft.content.clone()).collect::<Vec<_>>()
        };
        assert_eq!(find(&mut history, "at+"), ["at+rst", "AT+GMR"]);
        assert_eq!(find(&mut history, "GRÖSSE"), [""; 0]);
        assert_eq!(find(&mut history, "grÖ"), ["Größe"]);
        assert_eq!(find(&mut history, "").len(), 4);
        history.sent(draft("more"));
        assert_eq!(find(&mut history, "").len(), 5);
    }

    #[test]
    fn an_entry_that_is_written_is_read_again() {
        let append = vec!["CRC-16/MODBUS".into(), "hex:7E".into()];
        let text = "01 03 {n}".into();
        let draft = Draft {
            content: text,
            mode: SendMode::Hex,
            escapes: false,
            line_break: LineBreak::CrLf,
            placeholders: true,
            append,
            append_off: true,
        };
        for past in [Past::default(), Past { draft, unsent: true }] {
            assert_eq!(toml::from_str::<Past>(&toml::to_string(&past).unwrap()).unwrap(), past);
        }
        assert!(toml::from_str::<Past>("draft = { mode = 'song' }").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text: String, unsent: bool) {
            let past = Past { draft: draft(&text), unsent };
            prop_assert_eq!(toml::from_str::<Past>(&toml::to_string(&past).unwrap()).unwrap(), past);
        }

        #[test]
        fn nothing_that_was_typed_is_lost_on_any_walk(
            sent in prop::collection::vec("[a-c]{1,2}", 0..6),
            steps in prop::collection::vec((any::<bool>(), "[a-c]{0,2}", any::<bool>()), 0..20),
        ) {
            let mut history = History::default();
            for text in &sent {
                history.sent(draft(text));
            }
            let mut now = draft("being typed");
            let mut left = Vec::new();
            for (older, text, edits) in steps {
                if edits && !text.is_empty() {
                    left.retain(|known| *known != now.content);
                    now.content.push_str(&text);
                }
                // What stays in the box may go on to be changed.
                if let Some(next) = if older { history.older(&now) } else { history.newer(&now) } {
                    left.push(std::mem::replace(&mut now, next).content);
                }
            }
            left.push(now.content.clone());
            history.replaced(now);
            for text in sent.iter().chain(&left).filter(|text| !text.is_empty()) {
                prop_assert!(history.entries().any(|past| past.draft.content == *text), "{} in {:?}", text, texts(&history));
            }
        }
    }
}
