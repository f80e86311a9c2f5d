//! What the palette lists, and what its rows do.

use eframe::egui;
use egui::Ui;
use jiff::tz::TimeZone;

use super::App;
use super::commands::{self, Command, Does, Value};
use crate::codec::{When, duration};
use crate::model::Stamp;
use crate::model::zone::Named;
use crate::net::wall_now;
use crate::state::{Action, Cycle, PaletteBox, PaletteMode, Peer, Side, State, Tab};
use crate::ui::filter::{self, FilterInput};
use crate::ui::lang::{Lang, key_name};
use crate::ui::log::day_and_time;
use crate::ui::palette::{self, Answer, Row};
use crate::ui::toolbar::{Menu, framed};
use crate::ui::{messages, send, signs};

/// The most peers that are listed at a time.
const MOST_PEERS: usize = 500;
/// The most of them that are listed below the commands.
const MOST_TARGETS: usize = 5;

impl App {
    pub(super) fn palette(&mut self, ui: &Ui, lang: Lang, position: u64) -> Vec<Action> {
        let Some(mut shown) = self.state.palette.take() else { return Vec::new() };
        let mut rows = Vec::new();
        let (state, zone) = (&self.state, &self.zone);
        let captures_rows = |now: &PaletteBox| -> Listed {
            let rows = state.recent.iter().map(|capture| {
                let when = day_and_time(lang, capture.modified, wall_now(), zone);
                let row = Row::new(format!("{when}  {}", capture.label()));
                let does = Does::Act(Action::OpenCapture(capture.path.clone()));
                (Row { value: messages::bytes(capture.len), ..row }, Some(does))
            });
            rows.filter(|(row, _)| matches(&now.text, &row.name)).collect()
        };
        let answer = palette::palette_ui(ui, lang, &mut shown, |now| {
            let tab = state.tab();
            let all;
            (rows, all) = match now.mode {
                PaletteMode::Commands | PaletteMode::Keys => {
                    commands_rows(ui, (lang, zone), state, (now, position))
                }
                PaletteMode::Peers => (peers_rows(state, now), tab.peers.len()),
                PaletteMode::Places => (place_rows(lang, state, now), 1),
                PaletteMode::Captures => (captures_rows(now), state.recent.len()),
            };
            (rows.iter().map(|(row, does)| Row { ready: does.is_some(), ..row.clone() }).collect(), all)
        });
        match answer {
            Answer::None => self.state.palette = Some(shown),
            Answer::Close => {}
            Answer::Switch(mode) => return vec![Action::ShowPalette(Some(mode))],
            Answer::Take(n) => match rows.into_iter().nth(n).and_then(|(_, does)| does) {
                Some(Does::Act(action)) => return vec![action],
                Some(Does::Toggle(menu)) => {
                    self.toggled = Some(menu);
                    ui.request_repaint();
                }
                None => {}
            },
        }
        Vec::new()
    }
}

type Listed = Vec<(Row, Option<Does>)>;

/// Whether all the words typed are in the name.
fn matches(typed: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| name.contains(word))
}

/// How far a name is from what is typed: first the very name, then one that begins so, one that has it, any other.
fn distance(typed: &str, name: &str) -> usize {
    let (typed, name) = (typed.trim().to_lowercase(), name.to_lowercase());
    [name == typed, name.starts_with(&typed), name.contains(&typed)].iter().take_while(|fits| !**fits).count()
}

/// The commands that match in the language of the window or in English, and how many there are: those that can be run and
/// the nearest first, under their headings, and below them to whom alone one could send; for the list of keys those that
/// have one, in their order.
fn commands_rows(
    ui: &Ui,
    (lang, zone): (Lang, &TimeZone),
    state: &State,
    (now, position): (&PaletteBox, u64),
) -> (Listed, usize) {
    let keys_only = now.mode == PaletteMode::Keys;
    let name = |lang, command: &Command| {
        let words = (command.words)(lang).trim_end_matches('…').to_owned();
        match &command.value {
            Value::None => words,
            Value::Words(value) => format!("{words}: {}", value(lang)),
            Value::Name(value) => format!("{words}: {value}"),
            Value::Peer(name) => format!("{words}: {name}"),
            Value::Example(example) => format!("{words}: {}", messages::example(lang, example)),
        }
    };
    let mut commands = commands::keyed(state, position);
    if !keys_only {
        commands.extend(commands::unkeyed(state));
    }
    commands.retain(|command| !keys_only || command.key.is_some());
    let targets = targets(lang, state).filter(|_| !keys_only);
    let all = commands.len() + targets.clone().count();
    let mut rows: Listed = commands
        .into_iter()
        .map(|command| {
            let both = format!("{}\n{}", name(lang, &command), name(Lang::En, &command));
            let group = match &command.does {
                _ if keys_only => "",
                None => lang.palette_impossible(),
                Some(does) if is_of_log(does) => lang.view_log(),
                Some(_) => lang.palette(),
            };
            let row = Row {
                sign: command.sign,
                now: command
                    .does
                    .as_ref()
                    .map(|does| state_words((lang, zone), state, does))
                    .unwrap_or_default(),
                value: command.key.map_or_else(String::new, |key| key_name(ui.ctx(), key)),
                on: command.on,
                group,
                ..Row::new(name(lang, &command))
            };
            (both, row, command.does)
        })
        .filter(|(both, row, _)| matches(&now.text, both) || matches(&now.text, &row.value))
        .map(|(_, row, does)| (row, does))
        .collect();
    if keys_only {
        return (rows, all);
    }
    let far = |row: &Row| if now.text.trim().is_empty() { 0 } else { distance(&now.text, &row.name) };
    // A group stands where its nearest is.
    let nearest = |group| rows.iter().filter(|(row, _)| row.group == group).map(|(row, _)| far(row)).min();
    let groups = [lang.palette(), lang.view_log()].map(|group| (group, nearest(group)));
    let place = |row: &Row| groups.iter().find(|(group, _)| *group == row.group).map(|(_, nearest)| *nearest);
    rows.sort_by_cached_key(|(row, does)| {
        (does.is_none(), place(row), row.group == lang.view_log(), far(row))
    });
    if !now.text.trim().is_empty() {
        let last = rows.iter().rposition(|(row, _)| row.group == lang.palette());
        let at = last.map_or_else(|| rows.partition_point(|(_, does)| does.is_some()), |last| last + 1);
        let targets = targets.filter(|(row, _)| matches(&now.text, &row.name)).take(MOST_TARGETS);
        rows.splice(at..at, targets);
    }
    (rows, all)
}

/// The peers to whom alone the send box could send.
fn targets(lang: Lang, state: &State) -> impl Iterator<Item = (Row, Option<Does>)> + Clone {
    let tab = state.tab();
    let chooses = !tab.is_viewer() && !tab.session.protocol.connects();
    tab.peers.values().filter(move |_| chooses).map(move |peer| {
        let action = Action::SendTo(peer.flow.id);
        let row = Row {
            sign: signs::of(&action),
            on: tab.session.send_to.is(peer.flow.id),
            group: lang.palette_to(),
            ..Row::new(lang.palette_only_to(name_and_address(tab, peer)))
        };
        (row, Some(Does::Act(action)))
    })
}

/// Whether it changes what is shown, or where.
fn is_of_log(does: &Does) -> bool {
    match does {
        Does::Toggle(menu) => matches!(menu, Menu::Filter | Menu::Framing),
        Does::Act(action) => matches!(
            action,
            Action::SetView(_)
                | Action::Clear
                | Action::UndoClear
                | Action::Pause(_)
                | Action::SetFilter(_)
                | Action::ShowFind(_)
                | Action::NextHit { .. }
                | Action::ShowPalette(Some(PaletteMode::Places))
                | Action::GoToTwin(_)
                | Action::EditNote(_)
                | Action::SwitchHighlight(_)
        ),
    }
}

/// How things stand with what a command does or changes; empty if there is nothing to say.
fn state_words((lang, zone): (Lang, &TimeZone), state: &State, does: &Does) -> String {
    let tab = state.tab();
    let entries = |n: usize| if n > 0 { messages::grouped(n as u64) } else { String::new() };
    let filter = || {
        let (filter, index, names) = (&tab.filtered.filter, &tab.log, &tab.session.names);
        let parts = filter::parts(&FilterInput {
            lang,
            filter,
            index,
            names,
            zone,
            start: Stamp::default(),
            is_stream: tab.has_connections(),
        });
        parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" · ")
    };
    match does {
        Does::Toggle(Menu::Filter) | Does::Act(Action::SetFilter(_)) => filter(),
        Does::Toggle(Menu::Framing) => framed(lang, &tab.framed.framing).unwrap_or_default().to_owned(),
        Does::Toggle(Menu::SendCharset) => lang.palette_now(tab.typing_charset().label()),
        Does::Toggle(Menu::Append) => {
            let appended = send::appended(&tab.session.send);
            lang.palette_now(appended.as_deref().unwrap_or_else(|| lang.line_end_none()))
        }
        Does::Act(Action::Send) => tab.send.goes.clone(),
        Does::Act(Action::StartCycle) => {
            let period = tab.session.cycle.period().map(|period| lang.palette_every(duration::words(period)));
            period.unwrap_or_default()
        }
        Does::Act(Action::StopCycles) => {
            let sent = Cycle::running(&tab.cycles).map(|(_, cycle)| cycle.progress.sent).sum();
            lang.cycle_sent(messages::grouped(sent))
        }
        Does::Act(Action::ShowSide(Some(Side::History))) if !tab.history.is_loading() => {
            entries(tab.history.entries().len())
        }
        Does::Act(Action::ShowSide(Some(Side::Rules))) => entries(tab.rules.list.rows().len()),
        Does::Act(Action::ShowSide(Some(Side::Quick))) => entries(tab.quick.list.rows().len()),
        Does::Act(Action::ShowRecent(_)) => entries(state.recent.len()),
        Does::Act(_) => String::new(),
    }
}

/// How a peer is found: by either.
fn name_and_address(tab: &Tab, peer: &Peer) -> String {
    let address = Named(peer.flow.peer).to_string();
    let name = tab.session.names.get(peer.flow.peer);
    name.map_or(address.clone(), |name| format!("{name} {address}"))
}

fn peers_rows(state: &State, now: &PaletteBox) -> Listed {
    let peers = state.tab().peers.values().map(|peer| {
        let value = format!("← {}  → {}", messages::bytes(peer.received), messages::bytes(peer.sent));
        let row = Row { value, ..Row::new(name_and_address(state.tab(), peer)) };
        (row, Some(Does::Act(Action::FilterPeers(vec![peer.flow.id]))))
    });
    peers.filter(|(row, _)| matches(&now.text, &row.name)).take(MOST_PEERS).collect()
}

fn place_rows(lang: Lang, state: &State, now: &PaletteBox) -> Listed {
    let n = state.tab().log.len();
    let place = now.text.parse::<When>().ok();
    let place = place.filter(|when| !matches!(when, When::Number(number) if !(1..=n).contains(number)));
    let words = lang.go_to().trim_end_matches('…');
    let range = lang.go_to_range(messages::grouped(n));
    let row = match place {
        Some(_) => Row { value: range, ..Row::new(format!("{words} {}", now.text.trim())) },
        None if now.text.trim().is_empty() => {
            Row { value: range, ..Row::new(lang.go_to_what_tip().to_owned()) }
        }
        None => Row { wrong: true, value: range, ..Row::new(lang.go_to_wrong().to_owned()) },
    };
    vec![(row, place.map(|when| Does::Act(Action::GoTo(when))))]
}
