//! All peers: searched, sorted, grouped, ticked. Only rows in sight are built, and looked through in pieces.

mod columns;
mod subnet;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::time::Duration;

use egui::{Button, Frame, Panel, RichText, ScrollArea, Ui, vec2};
use subnet::Subnet;

use crate::codec::{duration, rate};
use crate::model::zone::Named;
use crate::model::{FlowId, Stamp};
use crate::state::{Action, Peer};
use crate::ui::lang::Lang;
use crate::ui::messages::{bytes, grouped};
use crate::ui::peers::{PeersInput, peer_ui, time_of_day};
use crate::ui::theme::{CONTROL, GAP, Palette};
use crate::ui::{controls, icons, list, widgets};
use crate::workspace::{PeerNames, SendTo};

/// Peers that are looked at in one frame.
const PIECE: usize = 1000;
/// Seconds between two looks.
const PAUSE: f64 = 0.25;
/// So long after the pointer has moved over them, rows stay where they are, in seconds.
const HELD: f32 = 30.0;
/// From this width on a row has all values.
const ROOM_FOR_ALL: f32 = 440.0;

/// From this width on the buttons of the foot have words; from this height on it is below the list.
const ROOM_FOR_WORDS: f32 = 400.0;
const ROOM_FOR_SIGNS: f32 = 360.0;
const TALL: f32 = 320.0;

/// From this silence on a peer is marked, in seconds.
const SILENT: u64 = 60;
const SECOND: u64 = 1_000_000_000;

/// Width of the list of orders.
const SORT: f32 = 112.0;

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Sort {
    #[default]
    Joined,
    Address,
    Name,
    Received,
    Sent,
    Rate,
    Seen,
}

/// The order of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Order {
    sort: Sort,
    reversed: bool,
    by_subnet: bool,
}

/// The peers of a subnet that are found.
#[derive(Debug)]
struct Group {
    subnet: Subnet,
    /// Their places among all that are found.
    peers: Range<usize>,
    n_silent: usize,
}

/// A row of the list.
#[derive(Debug, Clone, Copy)]
enum Line {
    Group(usize),
    Peer(FlowId),
}

/// What a look found: the subnet, if they are grouped, the place in the order, the peer, and whether it is silent.
type Found = (Option<Subnet>, (u128, u64), FlowId, bool);

/// The peers that are found, in their order, and the search.
#[derive(Debug, Default)]
pub(crate) struct PeersView {
    search: String,
    order: Order,
    found: Vec<FlowId>,
    groups: Vec<Group>,
    folded: BTreeSet<Subnet>,
    lines: Vec<Line>,
    n_ticked: usize,
    /// What was looked at so far.
    next: Vec<Found>,
    after: Option<FlowId>,
    /// What the look, the one that is going on or the last one, is made for.
    looked_for: Option<(u64, String, Order)>,
    is_looking: bool,
    begun: f64,
    /// When the next peer of a group falls silent.
    silent_at: Option<Stamp>,
    /// Where the rows were.
    place: Option<egui::Rect>,
}

/// A word of the search.
enum Word {
    Address(String),
    /// One of the values is more, or less, than this.
    Value(fn(&Peer, Stamp) -> u64, bool, u64),
}

impl Word {
    fn parse(text: &str) -> Self {
        let value = || {
            let (name, more, limit) = match (text.split_once('>'), text.split_once('<')) {
                (Some((name, limit)), _) => (name, true, limit),
                (None, Some((name, limit))) => (name, false, limit),
                (None, None) => return None,
            };
            let size = || rate::parse(limit).map(std::num::NonZeroU64::get).or_else(|_| limit.parse()).ok();
            let of: fn(&Peer, Stamp) -> u64 = match name {
                "idle" => {
                    let limit = u64::try_from(duration::parse_or(limit, "s").ok()?.as_nanos()).ok()?;
                    return Some(Self::Value(|peer, now| now.since(peer.seen), more, limit));
                }
                "rx" => |peer, _| peer.received,
                "tx" => |peer, _| peer.sent,
                "rate" => Peer::rate,
                _ => return None,
            };
            Some(Self::Value(of, more, size()?))
        };
        value().unwrap_or_else(|| Self::Address(text.to_owned()))
    }

    fn finds(&self, peer: &Peer, address: &str, now: Stamp) -> bool {
        match self {
            Self::Address(part) => address.contains(part.as_str()),
            Self::Value(of, true, limit) => of(peer, now) > *limit,
            Self::Value(of, false, limit) => of(peer, now) < *limit,
        }
    }
}

impl Sort {
    /// Whether the most is first, unless it is reversed. Of who was seen, the least silence is.
    fn is_descending(self) -> bool {
        matches!(self, Self::Received | Self::Sent | Self::Rate)
    }

    fn key(self, peer: &Peer, names: &PeerNames, now: Stamp) -> (u128, u64) {
        let flow = u64::from(peer.flow.id.0);
        let most_first = |value: u64| (u128::from(u64::MAX - value), flow);
        match self {
            Self::Joined => (0, flow),
            Self::Address => {
                let (ip, port) = (peer.flow.peer.ip(), u64::from(peer.flow.peer.port()));
                let bits = match ip {
                    std::net::IpAddr::V4(ip) => u128::from(ip.to_bits()),
                    std::net::IpAddr::V6(ip) => ip.to_bits(),
                };
                (bits, port)
            }
            // By its beginning; those without a name are last.
            Self::Name => {
                let name = names.get(peer.flow.peer).map_or(&[0xFF; 16][..], str::as_bytes);
                (name.iter().chain(&[0; 16]).take(16).fold(0, |all, byte| all << 8 | u128::from(*byte)), flow)
            }
            Self::Received => most_first(peer.received),
            Self::Sent => most_first(peer.sent),
            Self::Rate => most_first(peer.rate(now)),
            Self::Seen => most_first(peer.seen.0),
        }
    }
}

impl PeersView {
    /// Looks at the next peers. `serial` changes whenever one of them does.
    fn look(
        &mut self,
        ui: &Ui,
        names: &PeerNames,
        (peers, serial): (&BTreeMap<FlowId, Peer>, u64),
        now: Stamp,
    ) {
        let time = ui.input(|i| i.time);
        let same = |known: &(u64, String, Order)| known.1 == self.search && known.2 == self.order;
        let is_other = !self.looked_for.as_ref().is_some_and(same);
        if !is_other && !self.is_looking && self.is_held(ui) {
            return;
        }
        let is_changed = self.looked_for.as_ref().is_none_or(|known| known.0 != serial);
        let is_changed = is_changed || self.silent_at.is_some_and(|at| at <= now);
        let rest = self.begun + PAUSE - time;
        if is_other || is_changed && !self.is_looking && rest <= 0.0 {
            self.looked_for = Some((serial, self.search.clone(), self.order));
            (self.is_looking, self.begun, self.after) = (true, time, None);
            self.silent_at = None;
            self.next.clear();
        } else if is_changed && !self.is_looking {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(rest.max(0.0)));
        }
        if !self.is_looking {
            return self.wait_for_silence(ui, now);
        }
        let search = self.search.to_lowercase();
        let words: Vec<Word> = search.split_whitespace().map(Word::parse).collect();
        let from = self.after.map_or(Bound::Unbounded, Bound::Excluded);
        let Order { sort, reversed, by_subnet } = self.order;
        let mut n = 0;
        for (flow, peer) in peers.range((from, Bound::Unbounded)).take(PIECE) {
            n += 1;
            self.after = Some(*flow);
            let others =
                || [peer.target.as_deref(), names.get(peer.flow.peer)].map(Option::unwrap_or_default);
            let address = || format!("{} {}", Named(peer.flow.peer), others().join(" ").to_lowercase());
            let address = if words.is_empty() { String::new() } else { address() };
            if words.iter().all(|word| word.finds(peer, &address, now)) {
                let subnet = by_subnet.then(|| Subnet::of(peer.flow.peer.ip()));
                let (more, less) = sort.key(peer, names, now);
                let key = if reversed { (!more, !less) } else { (more, less) };
                let silent_at = Stamp(peer.seen.0 + (SILENT + 1) * SECOND);
                if by_subnet && silent_at > now {
                    self.silent_at = Some(self.silent_at.map_or(silent_at, |at| at.min(silent_at)));
                }
                self.next.push((subnet, key, *flow, silent_at <= now));
            }
        }
        if n == PIECE {
            ui.ctx().request_repaint();
            return;
        }
        self.next.sort_unstable();
        self.is_looking = false;
        self.found.clear();
        self.groups.clear();
        for (n, (subnet, _, flow, is_silent)) in self.next.drain(..).enumerate() {
            self.found.push(flow);
            let Some(subnet) = subnet else { continue };
            match self.groups.last_mut().filter(|group| group.subnet == subnet) {
                Some(group) => {
                    group.peers.end = n + 1;
                    group.n_silent += usize::from(is_silent);
                }
                None => self.groups.push(Group { subnet, peers: n..n + 1, n_silent: usize::from(is_silent) }),
            }
        }
        self.n_ticked = ticked(self, peers).len();
        self.fold();
        self.wait_for_silence(ui, now);
    }

    /// Whether the rows stay where they are: nobody else comes under a pointer that is about to click, or takes the row of an
    /// open menu.
    fn is_held(&self, ui: &Ui) -> bool {
        if egui::Popup::is_any_open(ui.ctx()) {
            return true;
        }
        let is_over = self.place.is_some_and(|place| ui.rect_contains_pointer(place));
        let moved = ui.input(|i| i.pointer.time_since_last_movement().min(i.pointer.time_since_last_click()));
        let is_held = is_over && !self.lines.is_empty() && moved < HELD;
        if is_held {
            ui.ctx().request_repaint_after(Duration::from_secs_f32(HELD - moved));
        }
        is_held
    }

    /// Whether those that are found are ticked; `None` if some of them are.
    fn are_ticked(&self) -> Option<bool> {
        match self.n_ticked {
            0 => Some(false),
            n if n == self.found.len() => Some(true),
            _ => None,
        }
    }

    /// Counts again when a peer of a group falls silent.
    fn wait_for_silence(&self, ui: &Ui, now: Stamp) {
        if let Some(at) = self.silent_at {
            ui.ctx().request_repaint_after(Duration::from_nanos(at.since(now)));
        }
    }

    /// Makes the rows of what is found.
    fn fold(&mut self) {
        self.lines.clear();
        if self.groups.is_empty() {
            self.lines.extend(self.found.iter().copied().map(Line::Peer));
        }
        for (n, group) in self.groups.iter().enumerate() {
            self.lines.push(Line::Group(n));
            if !self.folded.contains(&group.subnet) {
                self.lines.extend(self.found[group.peers.clone()].iter().copied().map(Line::Peer));
            }
        }
    }
}

/// The panel. The ticks, the target of the send box and the grouping are drafts; `serial` changes whenever a peer does.
pub(crate) fn peers_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    (view, by_subnet): (&mut PeersView, &mut bool),
    (peers, serial): (&mut BTreeMap<FlowId, Peer>, &mut u64),
    (to, now): (&mut SendTo, Stamp),
) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let (has_room, is_tall) = (ui.available_width() >= ROOM_FOR_ALL, ui.available_height() >= TALL);
    widgets::from_the_right(ui, |ui| {
        let words = (lang.by_subnet(), lang.by_subnet_tip());
        *by_subnet ^=
            controls::tool(ui, (icons::COMBINE, has_room.then_some(words.0)), (true, *by_subnet), words)
                .clicked();
        if !has_room {
            sort_ui(ui, lang, &mut view.order);
        }
        widgets::from_the_left(ui, |ui| {
            widgets::search_ui(ui, &mut view.search, lang.peers_search(), lang.peers_search_tip());
        });
    });
    view.order.by_subnet = *by_subnet;
    view.look(ui, input.names, (peers, *serial), now);
    let before = *serial;
    let mut foot = |ui: &mut Ui, view: &mut PeersView| {
        foot_ui(ui, input, (view, has_room), (&mut *peers, serial), to, &mut actions);
    };
    if has_room && is_tall {
        let panel = Panel::bottom("peers foot").resizable(false).frame(Frame::new().inner_margin(GAP));
        panel.show(ui, |ui| foot(ui, view));
    } else {
        foot(ui, view);
    }
    if view.found.is_empty() {
        let text = if peers.is_empty() { lang.no_peers() } else { lang.find_none() };
        ui.label(RichText::new(text).color(Palette::of(ui).weak));
        return actions;
    }
    let area = ScrollArea::vertical().id_salt("all peers").auto_shrink([false, false]);
    ui.spacing_mut().item_spacing.y = 0.0;
    if has_room {
        let are_ticked = view.are_ticked();
        if let Some(all) = columns::head_ui(ui, lang, &mut view.order, are_ticked, super::BAR) {
            tick_all(view, peers, all);
            *serial += 1;
        }
    }
    let (mut folded, mut turns) = (None, None::<u64>);
    let (sort, groups, hidden) = (view.order.sort, &view.groups, &view.folded);
    view.place = Some(ui.available_rect_before_wrap());
    widgets::rows_ui(ui, (area, super::BAR), view.lines.iter(), |ui, line| {
        let flow = match line {
            Line::Group(n) => {
                let Some(group) = groups.get(*n) else { return };
                if subnet::group_ui(ui, lang, group, hidden.contains(&group.subnet)) {
                    folded = Some(group.subnet);
                }
                return;
            }
            Line::Peer(flow) => flow,
        };
        let Some(peer) = peers.get_mut(flow) else {
            // It has left since.
            ui.allocate_space(vec2(ui.available_width(), CONTROL));
            return;
        };
        let ticked = peer.ticked;
        if has_room {
            let turn = columns::until_next(now.since(peer.seen));
            turns = Some(turns.map_or(turn, |turns| turns.min(turn)));
            actions.extend(columns::row_ui(ui, input, (peer, now), to));
        } else {
            let value = match sort {
                Sort::Joined | Sort::Address | Sort::Name | Sort::Received => {
                    format!("← {}", bytes(peer.received))
                }
                Sort::Sent => format!("→ {}", bytes(peer.sent)),
                Sort::Rate => format!("{}/s", bytes(peer.rate(now))),
                Sort::Seen => time_of_day(peer.seen, input.zone),
            };
            actions.extend(peer_ui(ui, input, (peer, &value), to));
        }
        *serial += u64::from(peer.ticked != ticked);
    });
    if let Some(turn) = turns {
        ui.ctx().request_repaint_after(Duration::from_nanos(turn));
    }
    if let Some(subnet) = folded {
        if !view.folded.remove(&subnet) {
            view.folded.insert(subnet);
        }
        view.fold();
    }
    if *serial != before {
        // It is told at once.
        view.n_ticked = ticked(view, peers).len();
    }
    actions
}

fn tick_all(view: &PeersView, peers: &mut BTreeMap<FlowId, Peer>, all: bool) {
    for flow in &view.found {
        if let Some(peer) = peers.get_mut(flow) {
            peer.ticked = all;
        }
    }
}

fn sort_ui(ui: &mut Ui, lang: Lang, order: &mut Order) {
    let before = order.sort;
    let sort = &mut order.sort;
    let name = |sort| match sort {
        Sort::Joined => lang.sort_joined(),
        Sort::Address => lang.sort_address(),
        Sort::Name => lang.peer_name(),
        Sort::Received => lang.sort_received(),
        Sort::Sent => lang.sort_sent(),
        Sort::Rate => lang.sort_rate(),
        Sort::Seen => lang.sort_seen(),
    };
    let combo = controls::combo_box("sort peers").width(SORT).height(300.0);
    let combo = list::show(ui, combo.selected_text(name(*sort)).truncate(), |ui| {
        for choice in
            [Sort::Joined, Sort::Address, Sort::Name, Sort::Received, Sort::Sent, Sort::Rate, Sort::Seen]
        {
            list::value(ui, sort, choice, name(choice));
        }
    });
    let label = lang.peers_sort();
    combo.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, label));
    combo.response.on_hover_text(label);
    order.reversed &= order.sort == before;
}

/// How many are found and ticked, and what is done with them.
fn foot_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    (view, has_room): (&mut PeersView, bool),
    (peers, serial): (&mut BTreeMap<FlowId, Peer>, &mut u64),
    to: &mut SendTo,
    actions: &mut Vec<Action>,
) {
    let lang = input.lang;
    let has_signs = ui.available_width() >= ROOM_FOR_SIGNS;
    widgets::from_the_right(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let stream = input.protocol.is_stream();
        let word = if stream { lang.disconnect() } else { lang.forget() };
        let label = format!("{word} ({})", grouped(view.n_ticked as u64));
        let tip = lang.disconnect_ticked_tip();
        let is_chosen = if view.n_ticked > 1 {
            // A second click, since the one beside it only sends to them.
            let mut is_chosen = false;
            let sure = lang.disconnect_these(grouped(view.n_ticked as u64));
            let menu = widgets::menu(ui, Button::new(label), |ui| {
                let sure = RichText::new(sure).color(Palette::of(ui).failure);
                is_chosen = widgets::entry(ui, sure, tip);
            });
            menu.on_hover_text(tip);
            is_chosen
        } else {
            widgets::button_if(ui, view.n_ticked > 0, label, tip)
        };
        if is_chosen {
            actions.push(Action::Disconnect(ticked(view, peers)));
        }
        if !has_signs {
            return found_ui(ui, lang, (view, has_room), (peers, serial));
        }
        let room = ui.available_width() >= ROOM_FOR_WORDS;
        let words = (lang.send_to_these(), lang.send_to_these_tip());
        let word = |words: (&'static str, &str)| room.then_some(words.0);
        let can_send = view.n_ticked > 0 && !input.protocol.relays();
        if controls::tool(ui, (icons::SEND, word(words)), (can_send, false), words).clicked() {
            let found: BTreeSet<FlowId> = view.found.iter().copied().collect();
            for (flow, peer) in peers.iter_mut() {
                peer.ticked &= found.contains(flow);
            }
            *to = SendTo::Ticked;
            *serial += 1;
        }
        let words = (lang.only_these(), lang.only_these_tip());
        if controls::tool(ui, (icons::LIST_FILTER, word(words)), (view.n_ticked > 0, false), words).clicked()
        {
            actions.push(Action::FilterPeers(ticked(view, peers)));
        }
        if view.n_ticked == 1 && has_room && widgets::button(ui, lang.rename_peer(), lang.rename_peer_tip()) {
            actions.push(Action::RenamePeer(ticked(view, peers).first().copied()));
        }
        found_ui(ui, lang, (view, has_room), (peers, serial));
    });
}

/// Those that are found and ticked.
fn ticked(view: &PeersView, peers: &BTreeMap<FlowId, Peer>) -> Vec<FlowId> {
    let is_ticked = |flow: &FlowId| peers.get(flow).is_some_and(|peer| peer.ticked);
    view.found.iter().copied().filter(is_ticked).collect()
}

/// How many are found, of how many; where the table has no head, a box that ticks them.
fn found_ui(
    ui: &mut Ui,
    lang: Lang,
    (view, has_room): (&PeersView, bool),
    (peers, serial): (&mut BTreeMap<FlowId, Peer>, &mut u64),
) {
    let n = view.found.len();
    widgets::from_the_left(ui, |ui| {
        let found = lang.peers_found(grouped(n as u64), grouped(peers.len() as u64));
        if has_room && n > 0 {
            ui.add(egui::Label::new(found).truncate());
        } else if let Some(all) =
            widgets::tick_all(ui, view.are_ticked(), (&found, &found, lang.tick_found_tip()))
        {
            tick_all(view, peers, all);
            *serial += 1;
        }
    });
}
