//! Any file as a capture of another program: importing it results in a capture of ours.
#![no_main]

use std::fs;
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::journal::{Writer, import};
use netassist_fuzz::{check_capture, file};

fuzz_target!(|bytes: &[u8]| {
    let (from, to) = (file("from"), file("to"));
    fs::write(&from, bytes).expect("room for a file");
    // It does not exist before the first run.
    fs::remove_file(&to).ok();
    let mut writer = Writer::create(&to).expect("a new file");
    let mut records = Vec::new();
    let imported = import(&from, &mut writer, &mut |batch| {
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
});
