//! The page of a tab in which nothing was done yet: kinds of session, examples, and sessions of earlier runs.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align, Button, Color32, FontId, Layout, Margin, Rect, Response, RichText, Role, ScrollArea, Sense, Shape,
    Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use jiff::tz::TimeZone;

use super::lang::Lang;
use super::log::day_and_time;
use super::theme::{CONTROL, CORNER, GAP, Palette};
use super::{controls, fonts, icons, messages, signs, widgets};
use crate::model::{Protocol, Stamp};
use crate::state::{Action, Beginning, FileFor, Recent};
use crate::workspace::{EXAMPLES, Session};

pub(crate) struct WelcomeInput<'a> {
    pub(crate) lang: Lang,
    pub(crate) session: &'a Session,
    pub(crate) recent: &'a [Recent],
    pub(crate) now: Stamp,
    pub(crate) zone: &'a TimeZone,
}

const CARD: f32 = 52.0;
const RECENT: f32 = 44.0;
/// The list of captures has them all.
const MOST_RECENT: usize = 20;
/// The least width of three columns of cards.
const THREE: f32 = 900.0;
/// The width that the longest example needs.
const EXAMPLE: f32 = 332.0;
/// The most width of the page, and the least for two columns of lists.
const WIDTH: [f32; 2] = [960.0, 560.0];

pub(crate) fn welcome_ui(ui: &mut Ui, input: &WelcomeInput<'_>, place: Rect) -> Vec<Action> {
    let mut actions = Vec::new();
    let beside = (place.width() * 0.05).round().clamp(16.0, 52.0);
    let width = (place.width() - 2.0 * beside).min(WIDTH[0]);
    let beside = ((place.width() - width) / 2.0).round();
    let margin = Margin { top: if place.height() > 480.0 { 24 } else { 12 }, bottom: 8, ..Margin::ZERO };
    ui.scope_builder(UiBuilder::new().id_salt("welcome").max_rect(place), |ui| {
        ui.shrink_clip_rect(place);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(margin).show(ui, |ui| {
                let mut page = ui.available_rect_before_wrap();
                page = page.with_min_x(page.left() + beside);
                ui.scope_builder(UiBuilder::new().max_rect(page.with_max_x(page.left() + width)), |ui| {
                    page_ui(ui, input, &mut actions);
                });
            });
            widgets::follow_focus(ui, CONTROL);
        });
    });
    actions
}

fn page_ui(ui: &mut Ui, input: &WelcomeInput<'_>, actions: &mut Vec<Action>) {
    let width = ui.available_width();
    ui.spacing_mut().item_spacing = vec2(GAP, GAP);
    ui.label(controls::medium(input.lang.welcome()).size(20.0));
    let text = RichText::new(input.lang.welcome_text()).color(Palette::of(ui).weak);
    ui.add(egui::Label::new(text).truncate());
    cards_ui(ui, input, actions);
    ui.add_space(GAP);
    ui.spacing_mut().item_spacing.y = 0.0;
    let has_recent = known(input).next().is_some();
    if width < WIDTH[1] || !has_recent {
        examples_ui(ui, input, actions);
        recent_ui(ui, input, actions);
        return;
    }
    // Examples have all the width until there is something beside them.
    let left = (width * 0.44).round().max(EXAMPLE);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 24.0;
        list_ui(ui, left, |ui| examples_ui(ui, input, actions));
        list_ui(ui, width - left - 24.0, |ui| recent_ui(ui, input, actions));
    });
}

fn list_ui(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
        content(ui);
    });
}

fn cards_ui(ui: &mut Ui, input: &WelcomeInput<'_>, actions: &mut Vec<Action>) {
    let (lang, session) = (input.lang, input.session);
    let begin = |protocol: Protocol| (protocol.title(), Action::Begin(Beginning::Session(protocol)));
    let [client, server, udp, relay] =
        [Protocol::TcpClient, Protocol::TcpServer, Protocol::Udp, Protocol::TcpRelay].map(begin);
    let cards = [
        (client, lang.begin_client().to_owned()),
        (server, lang.begin_server(&session.local)),
        (udp, lang.begin_udp(&session.local)),
        (relay, lang.begin_relay().to_owned()),
        ((lang.chat_self(), Action::Begin(Beginning::Chat)), lang.chat_self_text().to_owned()),
    ];
    let (columns, width) = if ui.available_width() < THREE { (2, 2.0) } else { (3, 3.0) };
    let width = ((ui.available_width() + GAP) / width - GAP).floor();
    for (n, row) in cards.chunks(columns).enumerate() {
        ui.horizontal(|ui| {
            for (m, ((title, action), text)) in row.iter().enumerate() {
                if card_ui(ui, (signs::of(action), title, text), columns * n + m + 1, width).clicked() {
                    actions.push(action.clone());
                }
            }
            if row.len() < columns {
                file_ui(ui, lang, width, actions);
            }
        });
    }
}

/// A large button of an icon, a title, what it does, and its key.
fn card_ui(ui: &mut Ui, (sign, title, text): (&str, &str, &str), key: usize, width: f32) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, CARD), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{title}: {text}")));
    let (fill, edge) =
        if response.hovered() { (palette.hover, palette.accent) } else { (palette.paper, palette.edge) };
    ui.painter().rect(rect, CORNER, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let middle = egui::Align2::CENTER_CENTER;
    let at = pos2(rect.left() + 22.0, rect.center().y);
    ui.painter().text(at, middle, sign, FontId::new(20.0, fonts::icons()), palette.accent);
    let badge = Rect::from_center_size(pos2(rect.right() - 22.0, at.y), vec2(20.0, 20.0));
    ui.painter().rect_stroke(badge, 3, Stroke::new(1.0, palette.edge), StrokeKind::Inside);
    ui.painter().text(badge.center(), middle, key, FontId::proportional(12.0), palette.weak);
    let room = badge.left() - rect.left() - 52.0;
    for (y, text, family, ink) in [
        (8.0, title, fonts::medium(), palette.text),
        (27.0, text, egui::FontFamily::Proportional, palette.weak),
    ] {
        line(ui, rect.min + vec2(44.0, y), (text, FontId::new(13.0, family), ink), room);
    }
    response
}

/// One line of painted text, cut where its room ends.
fn line(ui: &Ui, at: egui::Pos2, (text, font, ink): (&str, FontId, Color32), room: f32) {
    line_of(ui, at, LayoutJob::simple_singleline(text.to_owned(), font, ink), room);
}

fn line_of(ui: &Ui, at: egui::Pos2, mut job: LayoutJob, room: f32) {
    job.wrap = TextWrapping::truncate_at_width(room.max(1.0));
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(at, galley, Palette::of(ui).text);
}

fn head_ui(ui: &mut Ui, words: (&str, &str), more: impl FnOnce(&mut Ui)) -> Response {
    let remark = widgets::head(ui, words, more);
    let y = ui.cursor().top() + 1.5;
    ui.painter().hline(ui.max_rect().x_range(), y, Stroke::new(1.0, Palette::of(ui).line));
    ui.add_space(4.0);
    remark
}

fn examples_ui(ui: &mut Ui, input: &WelcomeInput<'_>, actions: &mut Vec<Action>) {
    let lang = input.lang;
    let words = (lang.examples(), lang.examples_text());
    head_ui(ui, words, |_| {}).on_hover_text(lang.examples_tip());
    let (columns, width) = if ui.available_width() < WIDTH[1] { (1, 1.0) } else { (2, 2.0) };
    let width = ((ui.available_width() + GAP) / width - GAP).floor();
    for row in EXAMPLES.chunks(columns) {
        ui.horizontal(|ui| {
            for example in row {
                let name = messages::example(lang, example);
                if row_ui(ui, icons::ZAP, &name, width).clicked() {
                    actions.push(Action::TakeExample(*example));
                }
            }
        });
    }
    ui.add_space(GAP);
}

fn row_ui(ui: &mut Ui, sign: &str, name: &str, width: f32) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, CONTROL), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if response.hovered() {
        ui.painter().rect_filled(rect, CORNER, palette.hover);
    }
    let at = pos2(rect.left() + 10.0, rect.center().y);
    let font = FontId::new(14.0, fonts::icons());
    ui.painter().text(at, egui::Align2::CENTER_CENTER, sign, font, palette.weak);
    let font = FontId::proportional(13.0);
    line(ui, rect.min + vec2(26.0, 5.0), (name, font, palette.text), rect.width() - 30.0);
    response
}

/// Where files may be dropped; a click chooses one.
fn file_ui(ui: &mut Ui, lang: Lang, width: f32, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, CARD), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, lang.drop_hint()));
    let dashed = Stroke::new(1.0, if response.hovered() { palette.accent } else { palette.edge });
    let corners =
        [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    ui.painter().extend(Shape::dashed_line(&corners, dashed, 4.0, 3.0));
    let at = pos2(rect.left() + 22.0, rect.center().y);
    let font = FontId::new(20.0, fonts::icons());
    ui.painter().text(at, egui::Align2::CENTER_CENTER, icons::FILE_DOWN, font, palette.weak);
    let mut job = LayoutJob::simple(
        lang.drop_hint().to_owned(),
        FontId::proportional(13.0),
        palette.text,
        width - 52.0,
    );
    job.wrap.max_rows = 2;
    let words = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(pos2(rect.left() + 44.0, at.y - words.size().y / 2.0), words, palette.text);
    if response.on_hover_text(lang.browse_capture_tip()).clicked() {
        actions.push(Action::Browse(FileFor::Open));
    }
}

/// Captures of earlier runs, and the sessions in them.
fn known(input: &WelcomeInput<'_>) -> impl Iterator<Item = (Recent, Session)> {
    let session = |recent: &Recent| Some((recent.clone(), recent.session()?));
    input.recent.iter().filter(|recent| !recent.open).filter_map(session)
}

fn recent_ui(ui: &mut Ui, input: &WelcomeInput<'_>, actions: &mut Vec<Action>) {
    let lang = input.lang;
    let mut known = known(input).peekable();
    if known.peek().is_none() {
        return;
    }
    head_ui(ui, (lang.recent_sessions(), ""), |ui| {
        let all = RichText::new(lang.all_captures()).color(Palette::of(ui).accent);
        let all = ui.add(Button::new(all).frame(false).small()).on_hover_text(lang.recent_captures_tip());
        actions.extend(all.clicked().then_some(Action::ShowRecent(true)));
    });
    for (recent, session) in known.take(MOST_RECENT) {
        session_ui(ui, input, (&recent, session), actions);
    }
}

fn session_ui(
    ui: &mut Ui,
    input: &WelcomeInput<'_>,
    (recent, session): (&Recent, Session),
    actions: &mut Vec<Action>,
) {
    let (lang, palette) = (input.lang, Palette::of(ui));
    let address = if session.protocol.connects() { &session.remote } else { &session.local };
    let kind = format!("{} {address}", session.protocol.title());
    let name = format!("{} {kind}", recent.name).trim().to_owned();
    let when = day_and_time(lang, recent.modified, input.now, input.zone);
    let size = vec2(ui.available_width(), RECENT);
    let wide = size.x > 440.0;
    let row = Layout::right_to_left(Align::Center);
    ui.push_id(&recent.path, |ui| {
        let shown = ui.allocate_ui_with_layout(size, row, |ui| {
            ui.set_min_size(size);
            ui.spacing_mut().item_spacing.x = 4.0;
            let again = Action::Begin(Beginning::Again(Box::new(session)));
            let capture = Action::OpenCapture(recent.path.clone());
            for (label, tip, action) in [
                (lang.again(), lang.again_tip(), again),
                (lang.open_capture(), lang.open_capture_tip(), capture),
            ] {
                let sign = controls::icon(signs::of(&action), controls::ICON);
                let button = if wide { Button::new((sign, label)) } else { Button::new(sign) };
                let button = ui.add(button.min_size(vec2(CONTROL, CONTROL)));
                let button = widgets::named(button, &format!("{label} {name}, {when}"));
                let tip = if wide { tip.to_owned() } else { format!("{label}\n{tip}") };
                actions.extend(button.on_hover_text(tip).clicked().then_some(action));
            }
            let text = ui.available_rect_before_wrap();
            let label = format!("{name}, {when}, {}", messages::bytes(recent.len));
            let response = ui.allocate_rect(text, Sense::empty());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
            let font = || FontId::proportional(13.0);
            let (ink, beside) =
                if recent.name.is_empty() { (palette.text, 0.0) } else { (palette.weak, GAP) };
            let mut job = LayoutJob::default();
            job.append(&recent.name, 0.0, TextFormat::simple(font(), palette.text));
            job.append(&kind, beside, TextFormat::simple(font(), ink));
            line_of(ui, text.min + vec2(0.0, 3.0), job, text.width() - GAP);
            let more = format!("{when}   {}", messages::bytes(recent.len));
            line(ui, text.min + vec2(0.0, 22.0), (&more, font(), palette.weak), text.width() - GAP);
        });
        let rect = shown.response.rect;
        ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, palette.line));
    });
}
