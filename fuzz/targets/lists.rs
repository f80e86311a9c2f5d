//! Any file as a list of quick sends, of this program or another. What is imported can be written to a workspace.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::codec::Charset;
use netassist_fuzz::workspace::{MAX_IMPORTED, Workspace, WorkspaceFile, import};

fuzz_target!(|bytes: &[u8]| {
    let imported = match import(bytes) {
        Ok(imported) => imported,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(imported.quick.len() <= MAX_IMPORTED);
    let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    for remark in &imported.remarks {
        assert!((1..=lines).contains(&remark.line) && remark.lines >= 1, "{remark}");
    }
    for quick in &imported.quick {
        if let Err(problem) = quick.build(Charset::Gbk) {
            assert!(!problem.to_string().is_empty());
        }
    }
    let workspace = Workspace { quick: imported.quick, ..Workspace::default() };
    let written = workspace.print().expect("typed values");
    let again = WorkspaceFile::parse(written.clone()).map(|file| file.workspace);
    assert_eq!(again.as_ref(), Ok(&workspace), "{written}");
});
