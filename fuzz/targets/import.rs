//! Any file as a capture of another program: importing it results in a capture of ours. The same bytes are also taken for
//! a frame of every link type, and may be compressed.
#![no_main]

use std::fs;
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::journal::{Reading, Tunnels, Writer, import, open};
use netassist_fuzz::{check_capture, file};

/// The link types that are read.
const LINKS: [u8; 29] = [
    0, 1, 9, 12, 14, 50, 51, 100, 101, 104, 108, 109, 113, 166, 192, 204, 205, 219, 228, 229, 239, 20, 2,
    105, 8, 10, 127, 149, 242,
];

fuzz_target!(|bytes: &[u8]| {
    check(bytes, Tunnels::Outer);
    if let Some((link, frame)) = bytes.split_first() {
        let link = LINKS[usize::from(*link) % LINKS.len()];
        // Two of them are beyond a byte: Linux cooked v2 and PKTAP.
        let link = match link {
            20 => 276,
            2 => 258,
            link => u32::from(link),
        };
        check(&pcap(link, frame), Tunnels::Inner);
    }
    let path = file("from");
    fs::write(&path, bytes).expect("room for a file");
    let how = Reading { tunnels: Tunnels::Inner, unpacked: Some(1 << 20), ..Reading::default() };
    if let Err(error) = open(&path, how, &mut |_part| ControlFlow::Continue(())) {
        assert!(!error.to_string().is_empty());
    }
});

/// A file with one frame.
fn pcap(link: u32, frame: &[u8]) -> Vec<u8> {
    let len = u32::try_from(frame.len()).expect("a few bytes");
    let head = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, link, 1, 0, len, len].map(u32::to_le_bytes);
    [head.as_flattened(), frame].concat()
}

fn check(bytes: &[u8], tunnels: Tunnels) {
    let (from, to) = (file("from"), file("to"));
    fs::write(&from, bytes).expect("room for a file");
    // It does not exist before the first run.
    fs::remove_file(&to).ok();
    let mut writer = Writer::create(&to).expect("a new file");
    let mut records = Vec::new();
    let how = Reading { tunnels, ..Reading::default() };
    let imported = import(&from, how, &mut writer, &mut |batch| {
        records.extend(batch.records);
        ControlFlow::Continue(())
    });
    if let Ok(end) = imported {
        assert!(end.end <= bytes.len() as u64 && end.left_out <= end.packets, "{end:?}");
    }
    drop(writer);
    let index = check_capture(&to);
    let scanned: Vec<_> = index.records().slices(0).flatten().copied().collect();
    records.truncate(scanned.len());
    assert_eq!(scanned, records, "the batches equal a scan");
}
