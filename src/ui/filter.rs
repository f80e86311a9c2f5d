//! The filter menu, and the chips that describe the filter.

use egui::{ScrollArea, Ui};
use jiff::tz::TimeZone;

use super::lang::Lang;
use super::log::layout::local_time;
use super::{messages, widgets};
use crate::codec::When;
use crate::model::{Flow, Index, Stamp};
use crate::state::{Action, Filter, FilterPart};
use crate::workspace::{FilterForm, PeerNames};

pub(crate) struct FilterInput<'a> {
    pub(crate) lang: Lang,
    /// The filter in force.
    pub(crate) filter: &'a Filter,
    pub(crate) index: &'a Index,
    pub(crate) names: &'a PeerNames,
    /// Time zone of typed times.
    pub(crate) zone: &'a TimeZone,
    /// Start of the capture.
    pub(crate) start: Stamp,
    /// Its peers are connections.
    pub(crate) is_stream: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Number,
    Time,
    Order,
}

pub(super) fn filter_ui(ui: &mut Ui, input: &FilterInput<'_>, form: &mut FilterForm) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    ui.set_width(280.0);
    peers_ui(ui, input, &mut actions);
    ui.separator();
    let parsed = Parsed::of(form, input.start, input.zone);
    let mut entered = false;
    let mut show = |ui: &mut Ui, (words, hint), wrong: Option<Wrong>, order: &str, text: &mut String| {
        let problem = wrong.map(|wrong| match wrong {
            Wrong::Number => lang.not_a_number(),
            Wrong::Time => lang.not_a_time(),
            Wrong::Order => order,
        });
        let field = widgets::Field::new(words, problem.map(str::to_owned)).hint(hint).show(ui, text);
        entered |= widgets::is_entered(ui, &field);
    };
    let Parsed { least, most, since, until } = parsed;
    let order = lang.most_below_least();
    show(ui, ((lang.filter_least(), lang.filter_least_tip()), "1"), least.err(), order, &mut form.least);
    show(ui, ((lang.filter_most(), lang.filter_most_tip()), "1500"), most.err(), order, &mut form.most);
    let order = lang.until_before_since();
    show(
        ui,
        ((lang.filter_since(), lang.filter_since_tip()), "14:05:09"),
        since.err(),
        order,
        &mut form.since,
    );
    show(ui, ((lang.filter_until(), lang.filter_until_tip()), "+12.5"), until.err(), order, &mut form.until);
    let filter = parsed.filter(input.filter);
    ui.horizontal(|ui| {
        let button = ui.add_enabled(filter.is_some(), egui::Button::new(lang.filter_apply()));
        let apply = button.on_hover_text(lang.filter_apply_tip()).clicked() || entered;
        if let Some(filter) = filter.filter(|_| apply) {
            actions.push(Action::SetFilter(filter));
            ui.close();
        }
        if widgets::entry(ui, lang.filter_clear(), lang.filter_clear_tip()) {
            *form = FilterForm::default();
            actions.push(Action::SetFilter(Filter::default()));
        }
    });
    actions
}

fn peers_ui(ui: &mut Ui, input: &FilterInput<'_>, actions: &mut Vec<Action>) {
    let lang = input.lang;
    ui.label(messages::peers(lang, input.is_stream));
    let all = if input.is_stream { lang.all_connections() } else { lang.all_peers() };
    let chosen = input.filter.flows.as_ref();
    let area = ScrollArea::vertical().id_salt("peers").max_height(150.0);
    let choices: Vec<Option<Flow>> = std::iter::once(None).chain(input.index.flows().map(Some)).collect();
    widgets::rows_ui(ui, (area, 0.0), choices.into_iter(), |ui, flow| {
        ui.set_width(ui.available_width());
        let label = flow.as_ref().map_or_else(|| all.to_owned(), |flow| flow_name(input.names, flow));
        let on = flow
            .as_ref()
            .map_or(chosen.is_none(), |flow| chosen.is_some_and(|chosen| chosen.contains(&flow.id)));
        let radio = widgets::radio(ui, on, label);
        if radio.on_hover_text(lang.filter_peer_tip()).clicked() {
            let all = Action::RemoveFilter(FilterPart::Flows);
            actions.push(flow.map_or(all, |flow| Action::FilterPeers(vec![flow.id])));
        }
    });
}

#[derive(Debug, Clone, Copy)]
struct Parsed {
    least: Result<Option<u64>, Wrong>,
    most: Result<Option<u64>, Wrong>,
    since: Result<Option<Stamp>, Wrong>,
    until: Result<Option<Stamp>, Wrong>,
}

impl Parsed {
    fn of(form: &FilterForm, start: Stamp, zone: &TimeZone) -> Self {
        let number = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_no_number| Wrong::Number),
        };
        let time = |text: &str| match text.trim() {
            "" => Ok(None),
            text => {
                let moment =
                    || text.parse::<When>().ok().and_then(|when| when.moment(start.0, zone)).map(Stamp);
                Stamp::parse(text).or_else(moment).map(Some).ok_or(Wrong::Time)
            }
        };
        let mut parsed = Self {
            least: number(&form.least),
            most: number(&form.most),
            since: time(&form.since),
            until: time(&form.until),
        };
        if matches!((parsed.least, parsed.most), (Ok(Some(least)), Ok(Some(most))) if most < least) {
            parsed.most = Err(Wrong::Order);
        }
        if matches!((parsed.since, parsed.until), (Ok(Some(since)), Ok(Some(until))) if until < since) {
            parsed.until = Err(Wrong::Order);
        }
        parsed
    }

    fn filter(self, before: &Filter) -> Option<Filter> {
        let (least, most) = (self.least.ok()?, self.most.ok()?);
        let (since, until) = (self.since.ok()?, self.until.ok()?);
        Some(Filter { least, most, since, until, ..before.clone() })
    }
}

pub(crate) fn parts(input: &FilterInput<'_>) -> Vec<(FilterPart, String)> {
    let filter = input.filter;
    let mut parts = Vec::new();
    if let Some(query) = &filter.query {
        let text: String = query.text().chars().take(40).map(crate::codec::glyph::visible).collect();
        parts.push((FilterPart::Query, format!("“{text}”")));
    }
    if let Some(flows) = &filter.flows {
        let names: Vec<String> = flows
            .iter()
            .take(3)
            .filter_map(|flow| input.index.flow(*flow))
            .map(|flow| flow_name(input.names, &flow))
            .collect();
        let more = if flows.len() > 3 { " …" } else { "" };
        parts.push((FilterPart::Flows, format!("{}{more}", names.join(", "))));
    }
    let number = |n: Option<u64>| n.map(messages::grouped);
    let length = range(number(filter.least), "–", number(filter.most));
    parts.extend(length.map(|length| (FilterPart::Length, format!("{length} B"))));
    let time = |at: Option<Stamp>| at.map(|at| local_time(at, input.zone));
    let time = range(time(filter.since), " – ", time(filter.until));
    parts.extend(time.map(|time| (FilterPart::Time, time)));
    parts
}

fn range(least: Option<String>, dash: &str, most: Option<String>) -> Option<String> {
    match (least, most) {
        (Some(least), Some(most)) => Some(format!("{least}{dash}{most}")),
        (Some(least), None) => Some(format!("≥ {least}")),
        (None, Some(most)) => Some(format!("≤ {most}")),
        (None, None) => None,
    }
}

fn flow_name(names: &PeerNames, flow: &Flow) -> String {
    let own = names.get(flow.peer).map_or_else(String::new, |name| format!("{name} "));
    // The name of an imported one has its number.
    if flow.imported {
        own + &flow.name()
    } else {
        format!("{own}{} #{}", flow.name(), messages::grouped(u64::from(flow.id.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_filter_or_says_why_not() {
        let parse = |least: &str, most: &str, since: &str, until: &str| {
            let [least, most, since, until] = [least, most, since, until].map(str::to_owned);
            let form = FilterForm { least, most, since, until, ..FilterForm::default() };
            Parsed::of(&form, Stamp(1_000_000_000), &TimeZone::UTC)
        };
        let filter = parse("1", "5", "+1", "+2.5").filter(&Filter::default()).unwrap();
        assert_eq!((filter.least, filter.most), (Some(1), Some(5)));
        assert_eq!((filter.since, filter.until), (Some(Stamp(2_000_000_000)), Some(Stamp(3_500_000_000))));
        assert!(parse("", "", "", "").filter(&Filter::default()).unwrap().is_empty());
        let filter = parse("", "", "1970-01-01T00:00:02Z", "").filter(&Filter::default()).unwrap();
        assert_eq!(filter.since, Some(Stamp(2_000_000_000)), "as it is kept for the next run");
        assert_eq!(parse("x", "", "", "").least, Err(Wrong::Number));
        assert_eq!(parse("5", "1", "", "").most, Err(Wrong::Order));
        assert_eq!(parse("", "", "7", "").since, Err(Wrong::Time));
        assert_eq!(parse("", "", "+5", "+1").until, Err(Wrong::Order));
        assert_eq!(parse("", "-1", "", "").filter(&Filter::default()), None);
    }
}
