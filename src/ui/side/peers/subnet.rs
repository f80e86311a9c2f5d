//! Peers by subnet.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use egui::{Align, Button, Layout, RichText, Ui, vec2};

use super::Group;
use crate::ui::lang::Lang;
use crate::ui::messages::grouped;
use crate::ui::theme::{CONTROL, Palette};
use crate::ui::{controls, icons, widgets};

/// A /24 of IPv4 or a /64 of IPv6: its first address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subnet(IpAddr);

impl Subnet {
    pub(super) fn of(ip: IpAddr) -> Self {
        Self(match ip {
            IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & !0xFF).into(),
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        })
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, if self.0.is_ipv4() { 24 } else { 64 })
    }
}

/// The row of a group. Whether it is to be folded, or unfolded.
pub(super) fn group_ui(ui: &mut Ui, lang: Lang, group: &Group, is_folded: bool) -> bool {
    let palette = Palette::of(ui);
    let (n, subnet) = (grouped(group.peers.len() as u64), group.subnet.to_string());
    let count = lang.subnet_count(n);
    let silent = lang.subnet_silent(grouped(group.n_silent as u64));
    let silent = if group.n_silent > 0 { silent } else { String::new() };
    let sign = if is_folded { icons::CHEVRON_RIGHT } else { icons::CHEVRON_DOWN };
    let words = (
        controls::icon(sign, 14.0),
        controls::medium(&subnet).color(palette.text),
        RichText::new(&count).color(palette.weak),
        RichText::new(&silent).color(palette.care),
    );
    let size = vec2(ui.available_width(), CONTROL);
    let button = ui.allocate_ui(size, |ui| {
        ui.set_min_size(size);
        ui.painter().rect_filled(ui.max_rect(), 0.0, palette.ground);
        let layout = Layout::left_to_right(Align::Center);
        ui.with_layout(layout, |ui| ui.add(Button::new(words).truncate().frame_when_inactive(false))).inner
    });
    let button = button.inner;
    let name = [subnet, count, silent].join(", ");
    let button = widgets::named(button, name.trim_end_matches(", "));
    ui.accesskit_node_builder(button.id, |node| node.set_expanded(!is_folded));
    button.clicked()
}
