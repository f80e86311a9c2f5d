//! Characters that a read has split: the bytes before a record that start a character which it continues.

use std::io;

use super::Layouter;
use crate::analysis::Piece;
use crate::codec::{self, Charset};
use crate::model::{Message, Transport};

impl Layouter<'_> {
    /// The bytes before `item`, in the same flow and direction, that start a character which ends in it.
    pub(super) fn carry(&self, item: &Message, piece: &mut Piece) -> io::Result<Vec<u8>> {
        let index = self.source.index;
        let Some(record) = index.get(item.first()) else { return Ok(Vec::new()) };
        let flow = index.flow(record.flow);
        if flow.is_some_and(|flow| flow.transport == Transport::Udp) {
            return Ok(Vec::new());
        }
        let charset = self.charset(item.first());
        let want = match charset {
            Charset::Latin1 | Charset::Windows1251 | Charset::Windows1252 | Charset::Koi8R => {
                return Ok(Vec::new());
            }
            Charset::Utf8 | Charset::Utf16Le | Charset::Utf16Be => 4,
            _ => 512,
        };
        let wide = charset.unit() == 2;
        // The end of a large record is usually enough. Pairs of bytes are counted from its start.
        let ends = if wide { [usize::MAX; 2] } else { [END, usize::MAX] };
        let mut before: Vec<u8> = Vec::new();
        let oldest = item.first().saturating_sub(CARRY_RECORDS);
        'records: for earlier in (oldest..item.first()).rev() {
            let Some(other) = index.get(earlier) else { break };
            if other.flow != record.flow || other.kind != record.kind {
                continue;
            }
            // Text in another charset ends, whole or not, where this one begins.
            if self.charset(earlier) != charset {
                break;
            }
            let behind = std::mem::take(&mut before);
            for end in ends {
                self.source.read_end(&other, end, piece)?;
                before.clear();
                before.extend_from_slice(&piece.bytes);
                before.extend_from_slice(&behind);
                // In all of these charsets a byte below 0x30 is a character of its own.
                let synced = want == 4 || before.iter().any(|&byte| byte < 0x30);
                if before.len() >= want && synced || before.len() > CARRY_BYTES {
                    break 'records;
                }
                if piece.bytes.len() == usize::from(other.len) {
                    break;
                }
            }
        }
        let tail = codec::incomplete_tail(charset, &before);
        Ok(before.split_off(before.len() - tail.min(before.len())))
    }
}

const END: usize = 1024;

/// How far back, in records and bytes, to look for the start of a character. Only double-byte text without a
/// single blank, sign or line break in this range could be decoded one byte off.
const CARRY_RECORDS: u64 = 20_000;
const CARRY_BYTES: usize = 64 << 10;
