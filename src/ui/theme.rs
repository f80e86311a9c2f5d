//! Colours, sizes and spacing, defined only here.

use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Ui, vec2};

/// Defines the colours: a field of [`Palette`] each, with its value in the light and the dark theme.
macro_rules! palette {
    ($($name:ident: $light:literal, $dark:literal, $doc:literal;)+) => {
        /// The colours of one theme.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Palette {
            $(#[doc = $doc] pub $name: Color32,)+
        }

        const LIGHT: Palette = Palette { $($name: rgb($light),)+ };
        const DARK: Palette = Palette { $($name: rgb($dark),)+ };
    };
}

palette! {
    ground: 0xEB_EE_F2, 0x0E_12_17, "Window, bars of tabs and of the status, rail.";
    panel: 0xF5_F7_F9, 0x18_1D_24, "Panels, toolbar, the active tab, menus, dialogs.";
    paper: 0xFF_FF_FF, 0x0B_0E_12, "The log and fields.";
    row_sent: 0xF2_F6_FC, 0x10_17_1F, "A row of the log that was sent.";
    selection: 0xD6_EA_F3, 0x14_36_47, "What is selected.";
    hover: 0xE2_E6_EB, 0x26_2E_37, "A control under the pointer.";
    line: 0xD3_D9_E0, 0x2C_35_3F, "Parts grounds; frames nothing that is used.";
    edge: 0x78_82_8E, 0x74_81_8E, "Frames of fields, buttons, ticks, tabs, menus and dialogs.";
    text: 0x1A_21_2A, 0xE4_E9_EF, "Text.";
    weak: 0x52_5D_69, 0x9B_A7_B4, "Secondary text, what is disabled.";
    accent: 0x0A_6A_8E, 0x46_B1_D6, "What is chosen, the primary button, focus.";
    on_accent: 0xFF_FF_FF, 0x04_14_1B, "Text on `accent`.";
    received: 0x17_70_3A, 0x63_CC_8A, "Marks of what was received.";
    received_body: 0x12_35_1E, 0xC4_EB_D1, "What was received.";
    sent: 0x1A_56_B8, 0x7F_B2_FB, "Marks of what was sent.";
    sent_body: 0x14_2C_55, 0xCD_E0_FC, "What was sent.";
    added: 0x7A_3E_9D, 0xCB_A2_E8, "What is appended; bytes that control.";
    event: 0x52_5D_69, 0x9B_A7_B4, "Events.";
    good: 0x17_70_3A, 0x45_D0_7D, "Open, right.";
    care: 0x8A_53_00, 0xED_B6_58, "In progress, a warning, a highlighted record.";
    care_ground: 0xFC_F0_DA, 0x33_26_0F, "Ground of `care`.";
    failure: 0xB0_1E_2A, 0xFF_8A_90, "A failure.";
    failure_ground: 0xFB_E8_E9, 0x3A_19_1D, "Ground of `failure`.";
    info_ground: 0xE1_F0_F6, 0x12_30_3E, "Ground of what is good to know.";
    hit: 0xFF_D9_66, 0xE9_B8_3A, "Ground of hits.";
    on_hit: 0x1A_21_2A, 0x0E_12_17, "Text on `hit` and `hit_now`.";
    hit_now: 0xFF_A2_3A, 0xFF_8F_1F, "Ground of the current hit.";
}

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    #[expect(clippy::disallowed_methods, reason = "this is the theme")]
    Color32::from_rgb(r, g, b)
}

impl Palette {
    /// The active colours.
    pub fn of(ui: &Ui) -> Self {
        Self::in_theme(egui::Theme::from_dark_mode(ui.visuals().dark_mode))
    }

    /// The colours of a theme.
    pub fn in_theme(theme: egui::Theme) -> Self {
        match theme {
            egui::Theme::Light => LIGHT,
            egui::Theme::Dark => DARK,
        }
    }
}

/// Width of the left column, unless the user has changed it.
pub const SIDE_WIDTH: f32 = 256.0;
/// Height of the tab strip, the toolbar, and the heads of the left column and the dock.
pub(crate) const BAR: f32 = 40.0;
/// Width of a rail of icons, and height of its cells.
pub(crate) const RAIL: f32 = 48.0;
/// Widths of the left column and of the dock, in points.
pub(crate) const LEFT: std::ops::RangeInclusive<f32> = 224.0..=400.0;
pub(crate) const DOCK: std::ops::RangeInclusive<f32> = 304.0..=560.0;
/// The least width of the log, in points.
pub(crate) const LOG_LEAST: f32 = 480.0;
/// Height of the status bar.
pub(crate) const STATUS: f32 = 28.0;
/// Height of a control.
pub const CONTROL: f32 = 28.0;
/// Opacity of what is disabled: it can still be read.
const DISABLED: f32 = 0.66;
pub(crate) const CORNER: u8 = 4;
pub(crate) const EDGE: f32 = 3.0;
pub(crate) const GAP: f32 = 8.0;
/// Over the window while a dialog is open.
pub(crate) const VEIL: Color32 = Color32::from_black_alpha(71);

/// Applies the theme, and how long a click may last.
pub fn apply(ctx: &egui::Context) {
    ctx.add_plugin(super::clicks::Clicks);
    ctx.add_plugin(super::clicks::Tabs::default());
    // The fallback for a system that states no preference.
    ctx.options_mut(|options| options.fallback_theme = egui::Theme::Light);
    for (theme, palette) in [(egui::Theme::Light, LIGHT), (egui::Theme::Dark, DARK)] {
        ctx.style_mut_of(theme, |style| dress(style, palette));
    }
}

fn dress(style: &mut egui::Style, palette: Palette) {
    let proportional = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Heading, proportional(16.0)),
        (TextStyle::Body, proportional(13.0)),
        (TextStyle::Button, proportional(13.0)),
        (TextStyle::Small, proportional(12.0)),
        (TextStyle::Monospace, FontId::new(14.0, FontFamily::Monospace)),
    ]
    .into();
    style.spacing.item_spacing = vec2(8.0, 4.0);
    style.spacing.button_padding = vec2(6.0, 4.0);
    style.spacing.interact_size.y = CONTROL;
    style.spacing.icon_width = 16.0;
    style.spacing.icon_width_inner = 10.0;
    style.spacing.combo_width = 80.0;
    style.spacing.menu_margin = Margin::symmetric(8, 6);
    style.interaction.tooltip_delay = 0.5;

    let visuals = &mut style.visuals;
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.edge);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.popup_shadow =
        Shadow { offset: [0, 4], color: palette.text.gamma_multiply(0.16), ..Shadow::NONE };
    visuals.window_shadow = visuals.popup_shadow;
    visuals.extreme_bg_color = palette.paper;
    visuals.text_edit_bg_color = Some(palette.paper);
    visuals.faint_bg_color = palette.ground;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.care;
    visuals.error_fg_color = palette.failure;
    visuals.weak_text_color = Some(palette.weak);
    visuals.selection.bg_fill = palette.selection;
    visuals.selection.stroke = Stroke::new(2.0, palette.accent);
    visuals.disabled_alpha = DISABLED;
    // A caret that blinks draws the window twice a second.
    visuals.text_cursor.blink = false;
    let widgets = &mut visuals.widgets;
    for (widget, fill, line) in [
        (&mut widgets.noninteractive, palette.panel, palette.line),
        (&mut widgets.inactive, palette.paper, palette.edge),
        (&mut widgets.hovered, palette.hover, palette.edge),
        (&mut widgets.active, palette.hover, palette.accent),
        (&mut widgets.open, palette.hover, palette.edge),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, line);
        widget.fg_stroke = Stroke::new(1.0, palette.text);
        widget.corner_radius = CornerRadius::same(CORNER);
        widget.expansion = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour, as in WCAG 2.
    fn luminance(colour: Color32) -> f32 {
        let linear = egui::Rgba::from(colour);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    }

    /// The contrast of two colours, as in WCAG 2: 1 to 21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Every pair of a colour and a ground that occurs.
    #[test]
    fn everything_can_be_read_and_every_edge_is_seen() {
        for theme in [egui::Theme::Light, egui::Theme::Dark] {
            let p = Palette::in_theme(theme);
            let grounds = [p.ground, p.panel, p.paper];
            let rows = [p.paper, p.row_sent, p.selection, p.care_ground];
            let all = [grounds.as_slice(), &rows, &[p.hover, p.failure_ground, p.info_ground]].concat();
            let plain = [grounds.as_slice(), &rows, &[p.hover]].concat();
            let states = |own| [grounds.as_slice(), &[p.row_sent, p.selection, own]].concat();
            let text: [(&str, Color32, &[Color32]); 14] = [
                ("text", p.text, &all),
                ("weak", p.weak, &all),
                ("accent", p.accent, &[grounds.as_slice(), &[p.hover, p.info_ground, p.selection]].concat()),
                ("on accent", p.on_accent, &[p.accent]),
                ("received", p.received, &rows),
                ("received body", p.received_body, &rows),
                ("sent", p.sent, &rows),
                ("sent body", p.sent_body, &rows),
                ("event", p.event, &rows),
                ("added", p.added, &plain),
                ("good", p.good, &states(p.info_ground)),
                ("care", p.care, &states(p.care_ground)),
                ("failure", p.failure, &states(p.failure_ground)),
                ("on hit", p.on_hit, &[p.hit, p.hit_now]),
            ];
            let shapes: [(&str, Color32, &[Color32]); 3] = [
                ("edge", p.edge, &[grounds.as_slice(), &[p.hover]].concat()),
                ("the edge of focus", p.accent, &plain),
                ("the edge of a highlight", p.care, &plain),
            ];
            for (pairs, least) in [(text.as_slice(), 4.5), (&shapes, 3.0)] {
                for (name, ink, grounds) in pairs {
                    for ground in *grounds {
                        let contrast = contrast(*ink, *ground);
                        assert!(contrast >= least, "{theme:?}: {name} on {ground:?}: {contrast}");
                    }
                }
            }
            for ground in [p.panel, p.paper] {
                let disabled = contrast(ground.lerp_to_gamma(p.text, DISABLED), ground);
                let most = contrast(p.text, ground) * 0.6;
                assert!((4.5..most).contains(&disabled), "{theme:?}: disabled on {ground:?}: {disabled}");
            }
            // A highlighted record is told from what is selected or found.
            for ground in [p.paper, p.selection, p.hit, p.hit_now] {
                let channels = p.care_ground.to_array().into_iter().zip(ground.to_array());
                let most = channels.map(|(a, b)| a.abs_diff(b)).max();
                assert!(most >= Some(24), "{theme:?} {ground:?}");
            }
        }
    }
}
