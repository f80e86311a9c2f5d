//! All peers: searched, sorted, ticked. Only rows in sight are built, and looked through in pieces.

use std::collections::BTreeMap;
use std::ops::Bound;

use egui::{RichText, ScrollArea, Ui, vec2};

use crate::codec::{duration, rate};
use crate::model::zone::Named;
use crate::model::{FlowId, Stamp};
use crate::state::{Action, Peer, SendTo};
use crate::ui::lang::Lang;
use crate::ui::messages::{bytes, grouped};
use crate::ui::peers::{PeersInput, peer_ui, time_of_day};
use crate::ui::theme::{CONTROL, Palette};
use crate::ui::{controls, list, widgets};

/// Peers that are looked at in one frame.
const PIECE: usize = 1000;
/// Seconds between two looks.
const PAUSE: f64 = 0.25;
/// From this width on a row has all values.
const ROOM_FOR_ALL: f32 = 440.0;

/// The order of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Sort {
    #[default]
    Joined,
    Address,
    Received,
    Sent,
    Rate,
    Seen,
}

/// The peers that are found, in their order, and the search.
#[derive(Debug, Default)]
pub(crate) struct PeersView {
    search: String,
    sort: Sort,
    found: Vec<FlowId>,
    n_ticked: usize,
    /// What was looked at so far, with its place in the order.
    next: Vec<((u128, u64), FlowId)>,
    next_ticked: usize,
    after: Option<FlowId>,
    /// What the look, the one that is going on or the last one, is made for.
    looked_for: Option<(u64, String, Sort)>,
    is_looking: bool,
    begun: f64,
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
    fn key(self, peer: &Peer, now: Stamp) -> (u128, u64) {
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
            Self::Received => most_first(peer.received),
            Self::Sent => most_first(peer.sent),
            Self::Rate => most_first(peer.rate(now)),
            Self::Seen => most_first(peer.seen.0),
        }
    }
}

impl PeersView {
    /// Looks at the next peers. `serial` changes whenever one of them does.
    fn look(&mut self, ui: &Ui, peers: &BTreeMap<FlowId, Peer>, serial: u64, now: Stamp) {
        let time = ui.input(|i| i.time);
        let same = |known: &(u64, String, Sort)| known.1 == self.search && known.2 == self.sort;
        let is_other = !self.looked_for.as_ref().is_some_and(same);
        let is_changed = self.looked_for.as_ref().is_none_or(|known| known.0 != serial);
        let rest = self.begun + PAUSE - time;
        if is_other || is_changed && !self.is_looking && rest <= 0.0 {
            self.looked_for = Some((serial, self.search.clone(), self.sort));
            (self.is_looking, self.begun, self.after, self.next_ticked) = (true, time, None, 0);
            self.next.clear();
        } else if is_changed && !self.is_looking {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(rest.max(0.0)));
        }
        if !self.is_looking {
            return;
        }
        let search = self.search.to_lowercase();
        let words: Vec<Word> = search.split_whitespace().map(Word::parse).collect();
        let from = self.after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut n = 0;
        for (flow, peer) in peers.range((from, Bound::Unbounded)).take(PIECE) {
            n += 1;
            self.after = Some(*flow);
            let target = || peer.target.as_deref().unwrap_or_default().to_lowercase();
            let address = || format!("{} {}", Named(peer.flow.peer), target());
            let address = if words.is_empty() { String::new() } else { address() };
            if words.iter().all(|word| word.finds(peer, &address, now)) {
                self.next.push((self.sort.key(peer, now), *flow));
                self.next_ticked += usize::from(peer.ticked);
            }
        }
        if n == PIECE {
            ui.ctx().request_repaint();
            return;
        }
        self.next.sort_unstable();
        self.is_looking = false;
        self.n_ticked = self.next_ticked;
        self.found.clear();
        self.found.extend(self.next.drain(..).map(|(_, flow)| flow));
    }
}

/// The panel. The ticks and the target of the send box are drafts; `serial` changes whenever a peer does.
pub(crate) fn peers_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    view: &mut PeersView,
    (peers, serial): (&mut BTreeMap<FlowId, Peer>, &mut u64),
    (to, now): (&mut SendTo, Stamp),
) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    ui.horizontal(|ui| {
        let size = vec2(ui.available_width() - 128.0, CONTROL);
        ui.allocate_ui(size, |ui| {
            widgets::search_ui(ui, &mut view.search, lang.peers_search(), lang.peers_search_tip());
        });
        sort_ui(ui, lang, &mut view.sort);
    });
    view.look(ui, peers, *serial, now);
    let before = *serial;
    foot_ui(ui, input, view, (&mut *peers, serial), &mut actions);
    if view.found.is_empty() {
        let text = if peers.is_empty() { lang.no_peers() } else { lang.find_none() };
        ui.label(RichText::new(text).color(Palette::of(ui).weak));
        return actions;
    }
    let area = ScrollArea::vertical().id_salt("all peers").auto_shrink([false, false]);
    let sort = view.sort;
    let has_room = ui.available_width() >= ROOM_FOR_ALL;
    if has_room {
        // How long each has been silent is told by the second.
        ui.ctx().request_repaint_after(std::time::Duration::from_secs(1));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    widgets::rows_ui(ui, (area, super::BAR), view.found.iter(), |ui, flow| {
        let Some(peer) = peers.get_mut(flow) else {
            // It has left since.
            ui.allocate_space(vec2(ui.available_width(), CONTROL));
            return;
        };
        let value = match sort {
            _ if has_room && sort != Sort::Rate => {
                let idle = now.since(peer.seen) / 1_000_000_000;
                format!("← {}  → {}  {idle:>4} s", bytes(peer.received), bytes(peer.sent))
            }
            Sort::Joined | Sort::Address | Sort::Received => format!("← {}", bytes(peer.received)),
            Sort::Sent => format!("→ {}", bytes(peer.sent)),
            Sort::Rate => format!("{}/s", bytes(peer.rate(now))),
            Sort::Seen => time_of_day(peer.seen, input.zone),
        };
        let ticked = peer.ticked;
        actions.extend(peer_ui(ui, input, (peer, &value), to));
        *serial += u64::from(peer.ticked != ticked);
    });
    if *serial != before {
        // The number of ticked ones is told at once.
        view.looked_for = None;
    }
    actions
}

fn sort_ui(ui: &mut Ui, lang: Lang, sort: &mut Sort) {
    let name = |sort| match sort {
        Sort::Joined => lang.sort_joined(),
        Sort::Address => lang.sort_address(),
        Sort::Received => lang.sort_received(),
        Sort::Sent => lang.sort_sent(),
        Sort::Rate => lang.sort_rate(),
        Sort::Seen => lang.sort_seen(),
    };
    let combo = controls::combo_box("sort peers").width(ui.available_width()).height(300.0);
    let combo = list::show(ui, combo.selected_text(name(*sort)).truncate(), |ui| {
        for choice in [Sort::Joined, Sort::Address, Sort::Received, Sort::Sent, Sort::Rate, Sort::Seen] {
            list::value(ui, sort, choice, name(choice));
        }
    });
    let label = lang.peers_sort();
    combo.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, label));
    combo.response.on_hover_text(label);
}

/// How many are found and ticked, and what is done with them.
fn foot_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    view: &mut PeersView,
    (peers, serial): (&mut BTreeMap<FlowId, Peer>, &mut u64),
    actions: &mut Vec<Action>,
) {
    let (lang, n) = (input.lang, view.found.len());
    widgets::from_the_right(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let stream = input.protocol.is_stream();
        let word = if stream { lang.disconnect() } else { lang.forget() };
        let label = format!("{word} ({})", grouped(view.n_ticked as u64));
        if widgets::button_if(ui, view.n_ticked > 0, label, lang.disconnect_ticked_tip()) {
            let ticked = |flow: &&FlowId| peers.get(flow).is_some_and(|peer| peer.ticked);
            actions.push(Action::Disconnect(view.found.iter().filter(ticked).copied().collect()));
        }
        widgets::from_the_left(ui, |ui| {
            let mut all = n > 0 && view.n_ticked == n;
            let found = lang.peers_found(grouped(n as u64), grouped(peers.len() as u64));
            if widgets::tick(ui, &mut all, &found, lang.tick_found_tip()).changed() {
                for flow in &view.found {
                    if let Some(peer) = peers.get_mut(flow) {
                        peer.ticked = all;
                    }
                }
                *serial += 1;
            }
        });
    });
}
