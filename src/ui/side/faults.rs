//! The page of a relay's faults: fields by direction, a seed, and the switch for all of them.

use egui::{RichText, ScrollArea, Ui};

use super::clear_of_bar;
use super::rules::heading_ui;
use crate::model::{FAULT_KEYS, Fault, Leg, OptionSpec, Protocol, RelayFaults, split_faults};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::{messages, options, widgets};
use crate::workspace::Session;

/// The faults of one direction as typed, by their keys.
type Fields = Vec<(String, String)>;

/// From this width on the fields are in two columns.
const TWO_COLUMNS: f32 = 560.0;

/// The page. `off` switches the faults off, `shown` is the direction whose fields are shown.
pub(crate) fn faults_ui(
    ui: &mut Ui,
    lang: Lang,
    session: &mut Session,
    (off, shown): (&mut bool, &mut Option<Leg>),
) {
    let weak = Palette::of(ui).weak;
    if !session.protocol.relays() {
        ui.label(RichText::new(lang.faults_in_relays()).color(weak));
        return;
    }
    ui.horizontal(|ui| {
        let mut on = !*off;
        widgets::tick(ui, &mut on, lang.faults_on(), lang.faults_on_tip());
        *off = !on;
    });
    ui.separator();
    ScrollArea::vertical().id_salt("faults").auto_shrink([false, false]).show(ui, |ui| {
        clear_of_bar(ui);
        let typed = session.options.text("fault").to_owned();
        let mut legs = [Leg::Client, Leg::Upstream].map(|leg| (leg, fields(&typed, leg)));
        for (leg, fields) in &mut legs {
            let label = if *leg == Leg::Client { lang.faults_up() } else { lang.faults_down() };
            let mut open = *shown == Some(*leg);
            let was_open = open;
            let opened = ui.horizontal(|ui| {
                let opened = heading_ui(ui, label, &mut open);
                let n = fields.iter().filter(|(key, value)| wrong(key, value).is_none()).count();
                if n > 0 {
                    ui.label(RichText::new(n.to_string()).small().color(Palette::of(ui).care));
                }
                opened
            });
            if opened.inner {
                fields_ui(ui, lang, session.protocol, fields);
            }
            if open != was_open {
                *shown = open.then_some(*leg);
            }
            ui.add_space(6.0);
        }
        let text = text(&legs);
        // What was typed by hand stays as it is until a field is changed.
        if text != self::text(&[Leg::Client, Leg::Upstream].map(|leg| (leg, self::fields(&typed, leg)))) {
            session.options.set("fault", text);
        }
        options::option_ui(ui, lang, session, "seed", true);
        let seed = session.options.text("seed");
        let wrong = OptionSpec::find("seed").and_then(|spec| spec.check(seed).err());
        let wrong = wrong.map(|fault| messages::fault(lang, &fault));
        widgets::reason_ui(ui, widgets::LABEL, wrong.as_deref());
    });
}

fn fields_ui(ui: &mut Ui, lang: Lang, protocol: Protocol, fields: &mut Fields) {
    let is_for = |of_stream, of_datagrams| if protocol.is_stream() { of_stream } else { of_datagrams };
    let keys = FAULT_KEYS.iter().filter(|(_, of_stream, of_datagrams)| is_for(*of_stream, *of_datagrams));
    let keys: Vec<&str> = keys.map(|(key, ..)| *key).collect();
    if ui.available_width() < TWO_COLUMNS {
        for key in keys {
            field_ui(ui, lang, key, fields);
        }
        return;
    }
    let (first, second) = keys.split_at(keys.len().div_ceil(2));
    ui.columns_const(|[left, right]| {
        for (ui, keys) in [(left, first), (right, second)] {
            for key in keys {
                field_ui(ui, lang, key, fields);
            }
        }
    });
}

fn field_ui(ui: &mut Ui, lang: Lang, key: &str, fields: &mut Fields) {
    let Some(words) = lang.fault_key(key) else { return };
    let known = fields.iter().find(|(known, _)| known == key);
    let mut value = known.map(|(_, value)| value.clone()).unwrap_or_default();
    let wrong = wrong(key, &value).map(|fault| messages::fault(lang, &fault));
    let field = widgets::Field::new(words, wrong.clone()).in_row("").show(ui, &mut value);
    widgets::reason_ui(ui, widgets::LABEL, wrong.as_deref());
    if field.changed() {
        let value = if key == "match" { value.replace('\n', "") } else { value.replace([',', '\n'], "") };
        fields.retain(|(known, _)| known != key);
        if !value.is_empty() {
            fields.push((key.to_owned(), value));
        }
    }
}

/// What is wrong with a field.
fn wrong(key: &str, value: &str) -> Option<Fault> {
    let fault = RelayFaults::parse(&format!("{key}={value}"), 0).err().filter(|_| !value.is_empty())?;
    Some(if let Fault::Of(_, why) = fault { *why } else { fault })
}

/// The fields of one direction.
fn fields(text: &str, of: Leg) -> Fields {
    let parts = split_faults(text).into_iter().filter(|(leg, ..)| leg.is_none_or(|leg| leg == of));
    let mut fields = Fields::new();
    for (_, key, value) in parts {
        fields.retain(|(known, _)| known != key);
        fields.push((key.to_owned(), value.to_owned()));
    }
    fields
}

/// The text for these fields; what takes the rest of its line comes last.
fn text(legs: &[(Leg, Fields)]) -> String {
    let line = |(leg, fields): &(Leg, Fields)| {
        let mut parts: Vec<&(String, String)> = fields.iter().collect();
        parts.sort_by_key(|(key, _)| FAULT_KEYS.iter().position(|(known, ..)| known == key));
        let parts: Vec<String> = parts.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        let way = if *leg == Leg::Client { "up" } else { "down" };
        (!parts.is_empty()).then(|| format!("{way}:{}", parts.join(",")))
    };
    legs.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_text_agree() {
        let typed = "loss=5%,delay=1s\nup:delay=2s,match=a,b";
        let legs = [Leg::Client, Leg::Upstream].map(|leg| (leg, fields(typed, leg)));
        let text = text(&legs);
        assert_eq!(text, "up:delay=2s,loss=5%,match=a,b\ndown:delay=1s,loss=5%");
        assert_eq!(RelayFaults::parse(&text, 0), RelayFaults::parse(typed, 0));
    }
}
