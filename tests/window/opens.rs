//! The window opens, has something in it, and can be seen.

use egui_kittest::kittest::NodeT as _;

use crate::driver::{Driver, Launch};

#[test]
fn the_window_opens_at_the_size_asked_for() {
    let mut window = Driver::launch(&Launch { size: [900, 600], ..Launch::default() });
    assert!(window.root().children_recursive().count() > 3, "an empty window:\n{}", window.tree());

    let picture = window.artefact(".png");
    window.screenshot(&picture);
    let png = std::fs::read(&picture).expect("the picture just taken");
    // A PNG opens with 8 bytes of signature and the IHDR chunk: its width and height are at 16.
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(png[16..24], [0, 0, 3, 132, 0, 0, 2, 88], "not 900 by 600");
}
