//! What the palette lists, and what its rows do.

use eframe::egui;
use egui::Ui;

use super::App;
use super::commands::{self, Command, Does, Value};
use crate::codec::When;
use crate::model::zone::Named;
use crate::net::wall_now;
use crate::state::{Action, PaletteBox, PaletteMode, State};
use crate::ui::lang::Lang;
use crate::ui::log::day_and_time;
use crate::ui::messages;
use crate::ui::palette::{self, Answer, Row};

/// The most peers that are listed at a time.
const MOST_PEERS: usize = 500;

impl App {
    pub(super) fn palette(&mut self, ui: &Ui, lang: Lang, position: u64) -> Vec<Action> {
        let Some(mut shown) = self.state.palette.take() else { return Vec::new() };
        let mut rows = Vec::new();
        let (state, zone) = (&self.state, &self.zone);
        let answer = palette::palette_ui(ui, lang, &mut shown, |now| {
            rows = match now.mode {
                PaletteMode::Commands | PaletteMode::Keys => commands_rows(ui, lang, state, (now, position)),
                PaletteMode::Peers => peers_rows(state, now),
                PaletteMode::Places => place_rows(lang, state, now),
                PaletteMode::Captures => state
                    .recent
                    .iter()
                    .map(|capture| {
                        let when = day_and_time(lang, capture.modified, wall_now(), zone);
                        let name = format!("{when}  {}", capture.sessions);
                        let row = Row { value: messages::bytes(capture.len), ..Row::new(name) };
                        (row, Some(Does::Act(Action::OpenCapture(capture.path.clone()))))
                    })
                    .filter(|(row, _)| matches(&now.text, &row.name))
                    .collect(),
            };
            rows.iter().map(|(row, does)| Row { ready: does.is_some(), ..row.clone() }).collect()
        });
        match answer {
            Answer::None => self.state.palette = Some(shown),
            Answer::Close => {}
            Answer::Switch(mode) => return vec![Action::ShowPalette(Some(mode))],
            Answer::Take(n) => match rows.into_iter().nth(n).and_then(|(_, does)| does) {
                Some(Does::Act(action)) => return vec![action],
                Some(Does::Toggle(menu)) => {
                    self.toggled = menu;
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

/// The commands that match in the language of the window or in English, those that can be run and the nearest first; for
/// the list of keys those that have one, in their order.
fn commands_rows(ui: &Ui, lang: Lang, state: &State, (now, position): (&PaletteBox, u64)) -> Listed {
    let keys_only = now.mode == PaletteMode::Keys;
    let name = |lang, command: &Command| {
        let words = (command.words)(lang).trim_end_matches('…').to_owned();
        match &command.value {
            Value::None => words,
            Value::Words(value) => format!("{words}: {}", value(lang)),
            Value::Name(value) => format!("{words}: {value}"),
            Value::Example(example) => format!("{words}: {}", messages::example(lang, example)),
        }
    };
    let mut commands = commands::keyed(state, position);
    if !keys_only {
        commands.extend(commands::unkeyed(state));
    }
    let mut rows: Listed = commands
        .into_iter()
        .filter(|command| !keys_only || command.key.is_some())
        .map(|command| {
            let both = format!("{}\n{}", name(lang, &command), name(Lang::En, &command));
            let key = command
                .key
                .map_or_else(String::new, |key| ui.ctx().format_shortcut(&key).replace("Backslash", "\\"));
            (both, Row { value: key, on: command.on, ..Row::new(name(lang, &command)) }, command.does)
        })
        .filter(|(both, row, _)| matches(&now.text, both) || matches(&now.text, &row.value))
        .map(|(_, row, does)| (row, does))
        .collect();
    if !keys_only && !now.text.trim().is_empty() {
        rows.sort_by_key(|(row, does)| (does.is_none(), distance(&now.text, &row.name)));
    }
    rows
}

fn peers_rows(state: &State, now: &PaletteBox) -> Listed {
    let peers = state.tab().peers.values().map(|peer| {
        let value = format!("← {}  → {}", messages::bytes(peer.received), messages::bytes(peer.sent));
        let address = Named(peer.flow.peer).to_string();
        let name = state.tab().session.names.get(peer.flow.peer);
        let row = Row { value, ..Row::new(name.map_or(address.clone(), |name| format!("{name} {address}"))) };
        (row, Some(Does::Act(Action::FilterPeer(peer.flow.id))))
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
