//! Splitting by a length field.

use super::cut::{Cut, Run, Verdict};
use super::{ByteOrder, LengthField};

/// The state of the open message.
#[derive(Debug, Clone)]
pub(super) struct Lengths {
    field: LengthField,
    /// The last eight bytes that may belong to the length field, the latest in the lowest place.
    window: u64,
    part: Part,
}

/// Where in a message the next byte is.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// In the header, of which this many bytes are known.
    Head(u64),
    /// In the body, of which this many bytes are missing.
    Body(u64),
}

impl Lengths {
    /// The field must have no faults.
    pub(super) fn new(field: LengthField) -> Self {
        Self { field, window: 0, part: Part::Head(0) }
    }

    pub(super) fn lookback(&self) -> u64 {
        u64::from(self.field.header()).saturating_sub(1)
    }

    pub(super) fn push(&mut self, run: &mut Run, bytes: &[u8], cut: &mut dyn FnMut(Cut)) {
        let (offset, header) = (u64::from(self.field.offset), u64::from(self.field.header()));
        let mut done = 0;
        while let Some(byte) = bytes.get(done) {
            let left = bytes.len() - done;
            match self.part {
                Part::Body(wanted) => {
                    let taken = usize::try_from(wanted).unwrap_or(usize::MAX).min(left);
                    done += taken;
                    self.body(wanted - taken as u64, run, done, cut);
                }
                Part::Head(known) if known < offset => {
                    let taken = usize::try_from(offset - known).unwrap_or(usize::MAX).min(left);
                    done += taken;
                    self.part = Part::Head(known + taken as u64);
                }
                Part::Head(known) => {
                    self.window = self.window << 8 | u64::from(*byte);
                    done += 1;
                    let at = run.at + done as u64;
                    if known + 1 < header {
                        self.part = Part::Head(known + 1);
                    } else if let Some(total) = self.total() {
                        if at - header > run.start {
                            run.end(at - header, Verdict::Nonsense, cut);
                        }
                        self.body(total - header, run, done, cut);
                    } else {
                        // The next header may begin one byte later; its first bytes are known.
                        self.part = Part::Head(header - 1);
                        let next = at + 1 - header;
                        if next - run.start >= run.limit {
                            run.end(next, Verdict::Nonsense, cut);
                        }
                    }
                }
            }
        }
    }

    /// `left` bytes of the message are missing after the first `done`.
    fn body(&mut self, left: u64, run: &mut Run, done: usize, cut: &mut dyn FnMut(Cut)) {
        if left == 0 {
            self.part = Part::Head(0);
            run.end_within(done, Verdict::Whole, cut);
        } else {
            self.part = Part::Body(left);
        }
    }

    /// Length of the message whose header is complete; `None` if it is invalid.
    fn total(&self) -> Option<u64> {
        let LengthField { width, order, adjust, includes_header, max, .. } = self.field;
        let unused = 64 - 8 * u32::from(width.clamp(1, 8));
        let value = match order {
            ByteOrder::Big => self.window << unused >> unused,
            ByteOrder::Little => self.window.swap_bytes() >> unused,
        };
        let header = u64::from(self.field.header());
        let counted = if includes_header { value } else { value.checked_add(header)? };
        let total = counted.checked_add_signed(adjust)?;
        (header..=u64::from(max)).contains(&total).then_some(total)
    }

    pub(super) fn finish(&mut self, run: &mut Run, cut: &mut dyn FnMut(Cut)) {
        if let Part::Head(known) = self.part
            && run.at - known > run.start
        {
            run.end(run.at - known, Verdict::Nonsense, cut);
        }
        self.part = Part::Head(0);
        run.rest(Verdict::CutOff, cut);
    }
}
