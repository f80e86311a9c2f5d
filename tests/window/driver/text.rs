//! The tree as text, for the one who reads a failed test. It is a picture: nothing parses it.

use std::fmt::Write as _;

use egui_kittest::Node;
use egui_kittest::kittest::NodeT as _;

/// A line a node: role, label, value, state and place in points.
pub(super) fn tree(root: &Node<'_>) -> String {
    let mut text = String::new();
    write_node(&mut text, root, 0).expect("a String takes everything");
    text
}

fn write_node(text: &mut String, node: &Node<'_>, depth: usize) -> std::fmt::Result {
    let kit = node.accesskit_node();
    write!(text, "{:indent$}{:?}", "", kit.role(), indent = depth * 2)?;
    if let Some(label) = kit.label() {
        write!(text, " {label:?}")?;
    }
    if let Some(value) = kit.value() {
        write!(text, " = {value:?}")?;
    }
    if let Some(number) = kit.numeric_value() {
        write!(text, " = {number}")?;
    }
    if let Some(toggled) = kit.toggled() {
        write!(text, " toggled {toggled:?}")?;
    }
    for (holds, word) in
        [(kit.is_focused(), "focused"), (kit.is_disabled(), "disabled"), (kit.is_hidden(), "hidden")]
    {
        if holds {
            write!(text, " {word}")?;
        }
    }
    if kit.bounding_box().is_some() {
        let rect = node.rect();
        let (at, size) = (rect.min, rect.size());
        write!(text, " at {:.0},{:.0} {:.0}×{:.0}", at.x, at.y, size.x, size.y)?;
    }
    writeln!(text)?;
    node.children().try_for_each(|child| write_node(text, &child, depth + 1))
}
