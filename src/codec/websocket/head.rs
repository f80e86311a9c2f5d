//! The head of an HTTP request or response: its first line and its header fields (RFC 9112, 2).

/// The longest head, in bytes.
pub const MAX_HEAD: usize = 16 * 1024;

/// A head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The first line.
    pub line: String,
    /// The names and values of the header fields, in order.
    pub fields: Vec<(String, String)>,
}

impl Head {
    /// Reads the head at the beginning of `bytes`: it, and its length. `Ok(None)` if it is not complete.
    ///
    /// # Errors
    /// When it can be none, or is too long.
    pub fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, NoHead> {
        let printable = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\r' | b'\n' | b'\t');
        let end = end(bytes);
        let head = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        if !head.iter().all(printable) {
            return Err(NoHead::Invalid);
        }
        if head.len() > MAX_HEAD {
            return Err(NoHead::TooLong);
        }
        let Some(end) = end else { return Ok(None) };
        let text = String::from_utf8_lossy(head);
        let mut lines = text.lines();
        let line = lines.next().unwrap_or_default().trim_end().to_owned();
        if line.is_empty() || text.lines().any(|line| line.contains('\r')) {
            return Err(NoHead::Invalid);
        }
        let mut fields = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or(NoHead::Invalid)?;
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_graphic()) {
                return Err(NoHead::Invalid);
            }
            fields.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Some((Self { line, fields }, end)))
    }

    /// The values of the fields of this name.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The value of the only field of this name.
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut all = self.all(name);
        all.next().filter(|_| all.next().is_none())
    }

    /// The items of the lists in the fields of this name.
    pub fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty())
    }

    /// Whether an item of the lists of this name is this token.
    pub fn has(&self, name: &str, token: &str) -> bool {
        self.list(name).any(|item| item.eq_ignore_ascii_case(token))
    }

    /// Appends it as it is sent.
    pub fn write(&self, out: &mut Vec<u8>) {
        for part in [self.line.as_str(), "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        for (name, value) in &self.fields {
            for part in [name, ": ", value, "\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        out.extend_from_slice(b"\r\n");
    }

    /// The method and the target of a request.
    pub fn request(&self) -> Option<(&str, &str)> {
        let mut parts = self.line.split(' ');
        let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
        (parts.next().is_none() && version.starts_with("HTTP/1.")).then_some((method, target))
    }

    /// The status of a response, and its reason.
    pub fn response(&self) -> Option<(u16, &str)> {
        let (version, rest) = self.line.split_once(' ')?;
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_http = version.starts_with("HTTP/1.") && status.len() == 3;
        Some((status.parse().ok().filter(|_| is_http)?, reason))
    }
}

/// Where the blank line ends that ends a head.
fn end(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'\n', bytes.get(from..)?) {
        let line = bytes.get(from..from + at).unwrap_or_default();
        from += at + 1;
        if matches!(line, b"" | b"\r") {
            return Some(from);
        }
    }
    None
}

/// Why bytes begin no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoHead {
    /// They can be none.
    Invalid,
    /// It is longer than [`MAX_HEAD`].
    TooLong,
}
