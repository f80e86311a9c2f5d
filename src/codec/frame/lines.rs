//! Splitting at line endings.

use memchr::memchr2;

use super::cut::{Cut, Run, Verdict};

const CR: u8 = b'\r';
const LF: u8 = b'\n';

/// The state of an open line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lines {
    /// The last byte was a CR that may be followed by its LF.
    after_cr: bool,
}

impl Lines {
    pub(super) fn push(&mut self, run: &mut Run, bytes: &[u8], cut: &mut dyn FnMut(Cut)) {
        let mut done = 0;
        if std::mem::take(&mut self.after_cr) {
            done = usize::from(bytes.first() == Some(&LF));
            run.end_within(done, Verdict::Whole, cut);
        }
        loop {
            let (room, window) = run.window(bytes, done);
            match memchr2(CR, LF, window) {
                Some(at) => {
                    done += at + 1;
                    if window.get(at) == Some(&CR) {
                        match bytes.get(done) {
                            Some(&LF) => done += 1,
                            Some(_) => {}
                            None => {
                                self.after_cr = true;
                                return;
                            }
                        }
                    }
                    run.end_within(done, Verdict::Whole, cut);
                }
                None if window.len() as u64 == room => {
                    done += window.len();
                    run.end_within(done, Verdict::TooLong, cut);
                }
                None => return,
            }
        }
    }

    pub(super) fn finish(&mut self, run: &mut Run, cut: &mut dyn FnMut(Cut)) {
        let verdict = if std::mem::take(&mut self.after_cr) { Verdict::Whole } else { Verdict::CutOff };
        run.rest(verdict, cut);
    }
}
