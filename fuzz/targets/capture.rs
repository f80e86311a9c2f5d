//! Any file as a capture of this program.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = netassist_fuzz::file("capture");
    std::fs::write(&path, bytes).expect("room for a file");
    netassist_fuzz::check_capture(&path);
});
