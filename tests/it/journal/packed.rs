//! Compressed captures: whole, in several parts, cut off, damaged and too large.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use netassist::journal::{Part, Reading, open};
use netassist::model::RecordKind;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::import::frames::{raw, udp};
use super::open::{open_all, open_as, own};

/// Compresses bytes.
type Pack = fn(&[u8]) -> Vec<u8>;

/// As `gzip` and as `zstd` would.
const PACK: [Pack; 2] = [
    |bytes| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    },
    |bytes| compress_to_vec(bytes, CompressionLevel::Fastest),
];

fn write(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("packed");
    fs::write(&path, bytes).unwrap();
    path
}

fn datagrams() -> Vec<u8> {
    raw(&(0..5000_u32).map(|n| udp(1, 2, &n.wrapping_mul(2_654_435_761).to_be_bytes())).collect::<Vec<_>>())
}

#[test]
fn ours_and_others_are_read_whatever_their_name_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.pcapng");
    own(&path);
    let (plain, _) = open_all(&path);
    let foreign = datagrams();
    for pack in PACK {
        let (found, read) = open_all(&write(folder.path(), &pack(&fs::read(&path).unwrap())));
        assert!(!read.unwrap());
        assert_eq!(found.records, plain.records);
        assert!(found.bytes(RecordKind::Received) == plain.bytes(RecordKind::Received));
        let temporary = found.begun[0].path().to_owned();
        assert!(found.begun[0].is_imported() && temporary.exists());
        drop(found);
        assert!(!temporary.exists());
        // In two parts, as they are put together by `cat`.
        let (first, second) = foreign.split_at(foreign.len() / 2);
        let (found, read) = open_all(&write(folder.path(), &[pack(first), pack(second)].concat()));
        assert_eq!((read.unwrap(), found.records.len()), (false, 5000));
    }
    // A frame that is to be skipped comes first.
    let skipped = [&[0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5][..], &PACK[1](&foreign)].concat();
    let (found, read) = open_all(&write(folder.path(), &skipped));
    assert_eq!((read.unwrap(), found.records.len()), (false, 5000));
}

#[test]
fn what_is_before_the_end_or_the_damage_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for (n, pack) in PACK.into_iter().enumerate() {
        let whole = pack(&datagrams());
        let (found, read) = open_all(&write(folder.path(), &whole[..whole.len() - 9]));
        assert!(read.unwrap());
        assert!(found.records.len() > 2700, "{}", found.records.len());
        // Its checksum.
        let mut damaged = whole.clone();
        let at = whole.len() - if n == 0 { 6 } else { 2 };
        damaged[at] ^= 1;
        let (found, read) = open_all(&write(folder.path(), &damaged));
        let error = read.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("damaged compressed data"), "{error}");
        assert_eq!(found.records.len(), 5000);
        // Other bytes follow.
        let (found, read) = open_all(&write(folder.path(), &[&whole[..], &[b'x'; 40]].concat()));
        assert!(read.unwrap_err().to_string().contains("damaged compressed data"));
        assert_eq!(found.records.len(), 5000);
        for len in 0..40 {
            let (found, read) = open_all(&write(folder.path(), &whole[..len]));
            assert_eq!((found.records.len(), read.is_ok() && len > 3), (0, read.is_ok() && len > 3), "{len}");
        }
        let (_, read) = open_all(&write(folder.path(), &pack(&whole)));
        assert_eq!(read.unwrap_err().to_string(), "at byte 0: the file is compressed; unpack it first");
        let (_, read) = open_all(&write(folder.path(), &pack(b"")));
        assert_eq!(read.unwrap_err().to_string(), "at byte 0: the file is empty");
    }
}

#[test]
fn too_much_is_refused_and_unpacking_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    for pack in PACK {
        let path = write(folder.path(), &pack(&datagrams()));
        let how = |most| Reading { unpacked: Some(most), ..Reading::default() };
        let len = datagrams().len() as u64;
        let (found, read) = open_as(&path, how(len - 1));
        let error = read.unwrap_err().to_string();
        assert!(error.contains(&format!("has more than {} bytes; unpack it first", len - 1)), "{error}");
        assert!(found.begun.is_empty());
        assert_eq!(open_as(&path, how(len)).0.records.len(), 5000);
        let (mut last, mut total) = (0, 0);
        open(&path, Reading::default(), &mut |part| {
            if let Part::More(batch) = part {
                assert!(batch.at >= last, "progress goes back");
                (last, total) = (batch.at, total + batch.records.len());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(total == 5000 && last <= fs::metadata(&path).unwrap().len() && last > 0);
        let mut parts = 0;
        let read = open(&path, Reading::default(), &mut |_part| {
            parts += 1;
            ControlFlow::Break(())
        });
        assert_eq!((read.unwrap(), parts), (false, 1));
    }
}
