//! The filter menu, and the chips that describe the filter.

use egui::{Key, ScrollArea, Ui};
use jiff::tz::TimeZone;

use super::log::layout::local_time;
use super::toolbar::{ToolbarInput, flow_name};
use super::{messages, widgets};
use crate::codec::When;
use crate::model::{Flow, Stamp};
use crate::state::{Action, Filter, FilterPart};
use crate::workspace::FilterForm;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Number,
    Time,
    Order,
}

pub(super) fn filter_ui(ui: &mut Ui, input: &ToolbarInput<'_>, form: &mut FilterForm) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    ui.set_width(280.0);
    peers_ui(ui, input, &mut actions);
    ui.separator();
    let parsed = Parsed::of(form, input.start, input.zone);
    let words = |wrong: Option<Wrong>, least_first: bool| {
        wrong.map(|wrong| {
            let order = if least_first { lang.most_below_least() } else { lang.until_before_since() };
            match wrong {
                Wrong::Number => lang.not_a_number(),
                Wrong::Time => lang.not_a_time(),
                Wrong::Order => order,
            }
            .to_owned()
        })
    };
    let mut entered = false;
    let mut show = |ui: &mut Ui, label, tip, wrong: Option<Wrong>, lengths, text: &mut String| {
        let field = widgets::Field { label, tip, enabled: true, problem: words(wrong, lengths) };
        let response = field.show(ui, text);
        entered |= response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    };
    let Parsed { least, most, since, until } = parsed;
    show(ui, lang.filter_least(), lang.filter_least_tip(), least.err(), true, &mut form.least);
    show(ui, lang.filter_most(), lang.filter_most_tip(), most.err(), true, &mut form.most);
    show(ui, lang.filter_since(), lang.filter_since_tip(), since.err(), false, &mut form.since);
    show(ui, lang.filter_until(), lang.filter_until_tip(), until.err(), false, &mut form.until);
    let filter = parsed.filter(input.filter);
    ui.horizontal(|ui| {
        let button = ui.add_enabled(filter.is_some(), egui::Button::new(lang.filter_apply()));
        let apply = button.on_hover_text(lang.filter_apply_tip()).clicked() || entered;
        if let Some(filter) = filter.filter(|_| apply) {
            actions.push(Action::SetFilter(filter));
            ui.close();
        }
        if ui.add(egui::Button::new(lang.filter_clear())).on_hover_text(lang.filter_clear_tip()).clicked() {
            *form = FilterForm::default();
            actions.push(Action::SetFilter(Filter::default()));
            ui.close();
        }
    });
    actions
}

fn peers_ui(ui: &mut Ui, input: &ToolbarInput<'_>, actions: &mut Vec<Action>) {
    let lang = input.lang;
    ui.label(lang.filter_peer());
    let mut flows: Vec<&Flow> = input.index.flows().collect();
    flows.sort_by_key(|flow| flow.id);
    let chosen = input.filter.flows.as_ref();
    let row = ui.spacing().interact_size.y;
    ScrollArea::vertical().id_salt("peers").max_height(150.0).show_rows(
        ui,
        row,
        flows.len() + 1,
        |ui, rows| {
            ui.set_width(ui.available_width());
            for n in rows {
                let flow = n.checked_sub(1).and_then(|n| flows.get(n).copied());
                let label = flow.map_or_else(|| lang.all_peers().to_owned(), flow_name);
                let on = match flow {
                    Some(flow) => chosen.is_some_and(|chosen| chosen.contains(&flow.id)),
                    None => chosen.is_none(),
                };
                if ui.radio(on, label).on_hover_text(lang.filter_peer_tip()).clicked() {
                    actions.push(match flow {
                        Some(flow) => Action::FilterPeer(flow.id),
                        None => Action::RemoveFilter(FilterPart::Flows),
                    });
                }
            }
        },
    );
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
        if let (Ok(Some(least)), Ok(Some(most))) = (parsed.least, parsed.most)
            && most < least
        {
            parsed.most = Err(Wrong::Order);
        }
        if let (Ok(Some(since)), Ok(Some(until))) = (parsed.since, parsed.until)
            && until < since
        {
            parsed.until = Err(Wrong::Order);
        }
        parsed
    }

    fn filter(self, before: &Filter) -> Option<Filter> {
        Some(Filter {
            least: self.least.ok()?,
            most: self.most.ok()?,
            since: self.since.ok()?,
            until: self.until.ok()?,
            ..before.clone()
        })
    }
}

pub(super) fn parts(input: &ToolbarInput<'_>) -> Vec<(FilterPart, String)> {
    let filter = input.filter;
    let mut parts = Vec::new();
    if let Some(query) = &filter.query {
        let text: String = query.text().chars().take(40).map(crate::codec::glyph::visible).collect();
        parts.push((FilterPart::Query, format!("“{text}”")));
    }
    if let Some(flows) = &filter.flows {
        let names: Vec<String> =
            flows.iter().take(3).filter_map(|flow| input.index.flow(*flow)).map(flow_name).collect();
        let more = if flows.len() > 3 { " …" } else { "" };
        parts.push((FilterPart::Flows, format!("{}{more}", names.join(", "))));
    }
    let number = |n: Option<u64>| n.map(messages::grouped).unwrap_or_default();
    if filter.least.is_some() || filter.most.is_some() {
        parts.push((FilterPart::Length, format!("{}–{} B", number(filter.least), number(filter.most))));
    }
    if filter.since.is_some() || filter.until.is_some() {
        let time = |at: Option<Stamp>| at.map(|at| local_time(at, input.zone)).unwrap_or_default();
        parts.push((FilterPart::Time, format!("{} – {}", time(filter.since), time(filter.until))));
    }
    parts
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
