//! Colours, sizes and spacing, defined only here.

use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Ui, vec2};

/// The colours of one theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// Window background.
    pub ground: Color32,
    /// Bars and panels.
    pub panel: Color32,
    /// Background of text areas and fields.
    pub paper: Color32,
    /// Buttons at rest.
    pub control: Color32,
    /// Buttons under the pointer.
    pub control_hover: Color32,
    /// Frames and separators.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Secondary text.
    pub weak: Color32,
    /// Selected choices and the primary button.
    pub accent: Color32,
    /// Text on `accent`.
    pub on_accent: Color32,
    /// Background of selected text.
    pub selection: Color32,
    /// Background of hits.
    pub hit: Color32,
    /// Text on `hit`.
    pub on_hit: Color32,
    /// Background of the current hit.
    pub hit_now: Color32,
    /// Background of a highlighted record.
    pub highlight: Color32,
    /// Edge of a highlighted record, and its note.
    pub highlight_edge: Color32,
    /// A byte that is zero.
    pub byte_nul: Color32,
    /// A byte that is ASCII whitespace.
    pub byte_blank: Color32,
    /// A byte that is another ASCII control character.
    pub byte_control: Color32,
    /// A byte of 0x80 and above.
    pub byte_high: Color32,
    /// Head lines of what was received.
    pub received: Color32,
    /// What was received.
    pub received_body: Color32,
    /// Head lines of what was sent.
    pub sent: Color32,
    /// What was sent.
    pub sent_body: Color32,
    /// Events.
    pub event: Color32,
    /// The lamp of an open session.
    pub good: Color32,
    /// In progress, or a warning.
    pub care: Color32,
    /// A failure.
    pub failure: Color32,
    /// Background of a failure.
    pub failure_ground: Color32,
    /// Background of a success.
    pub notice_ground: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    #[expect(clippy::disallowed_methods, reason = "this is the theme")]
    Color32::from_rgb(r, g, b)
}

const LIGHT: Palette = Palette {
    ground: rgb(0xEE_F1_F4),
    panel: rgb(0xF7_F8_FA),
    paper: rgb(0xFF_FF_FF),
    control: rgb(0xE7_EA_EE),
    control_hover: rgb(0xDB_E0_E6),
    line: rgb(0xD0_D6_DD),
    text: rgb(0x1C_22_2B),
    weak: rgb(0x5B_66_74),
    accent: rgb(0x0B_6B_8F),
    on_accent: rgb(0xFF_FF_FF),
    selection: rgb(0xB9_DD_EC),
    hit: rgb(0xFF_D9_66),
    on_hit: rgb(0x1C_22_2B),
    hit_now: rgb(0xFF_A2_3A),
    highlight: rgb(0xFB_E4_F2),
    highlight_edge: rgb(0xA3_18_6F),
    byte_nul: rgb(0x6B_76_84),
    byte_blank: rgb(0x1B_77_3C),
    byte_control: rgb(0x80_4B_9E),
    byte_high: rgb(0xA8_62_00),
    received: rgb(0x1B_77_3C),
    received_body: rgb(0x12_35_1E),
    sent: rgb(0x1A_56_B8),
    sent_body: rgb(0x14_2C_55),
    event: rgb(0x80_4B_9E),
    good: rgb(0x22_A0_55),
    care: rgb(0xA8_62_00),
    failure: rgb(0xB8_23_2F),
    failure_ground: rgb(0xFB_E4_E5),
    notice_ground: rgb(0xDF_F1_E6),
};

const DARK: Palette = Palette {
    ground: rgb(0x12_16_1B),
    panel: rgb(0x1A_1F_26),
    paper: rgb(0x0E_12_17),
    control: rgb(0x28_2F_39),
    control_hover: rgb(0x34_3D_49),
    line: rgb(0x36_40_4C),
    text: rgb(0xE2_E8_EF),
    weak: rgb(0x93_A0_AF),
    accent: rgb(0x2A_9D_C4),
    on_accent: rgb(0x04_12_19),
    selection: rgb(0x1F_4D_63),
    hit: rgb(0xE9_B8_3A),
    on_hit: rgb(0x12_16_1B),
    hit_now: rgb(0xFF_8F_1F),
    highlight: rgb(0x42_20_3A),
    highlight_edge: rgb(0xFF_9E_D6),
    byte_nul: rgb(0x7F_8B_9A),
    byte_blank: rgb(0x5C_CB_85),
    byte_control: rgb(0xC7_9B_E4),
    byte_high: rgb(0xE9_B0_4B),
    received: rgb(0x5C_CB_85),
    received_body: rgb(0xC4_EB_D1),
    sent: rgb(0x74_AC_FA),
    sent_body: rgb(0xCD_E0_FC),
    event: rgb(0xC7_9B_E4),
    good: rgb(0x3D_D3_78),
    care: rgb(0xE9_B0_4B),
    failure: rgb(0xFF_80_86),
    failure_ground: rgb(0x43_1C_21),
    notice_ground: rgb(0x17_36_24),
};

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

/// Width of the settings panel.
pub const SIDE_WIDTH: f32 = 272.0;
pub(crate) const CORNER: u8 = 5;
pub(crate) const EDGE: f32 = 3.0;
pub(crate) const GAP: f32 = 8.0;

/// Applies the theme.
pub fn apply(ctx: &egui::Context) {
    // The fallback for a system that states no preference.
    ctx.options_mut(|options| options.fallback_theme = egui::Theme::Light);
    for (theme, palette) in [(egui::Theme::Light, LIGHT), (egui::Theme::Dark, DARK)] {
        ctx.style_mut_of(theme, |style| dress(style, palette));
    }
}

fn dress(style: &mut egui::Style, palette: Palette) {
    let proportional = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Heading, proportional(17.0)),
        (TextStyle::Body, proportional(13.5)),
        (TextStyle::Button, proportional(13.5)),
        (TextStyle::Small, proportional(12.0)),
        (TextStyle::Monospace, FontId::new(13.0, FontFamily::Monospace)),
    ]
    .into();
    style.spacing.item_spacing = vec2(6.0, 4.0);
    style.spacing.button_padding = vec2(9.0, 3.0);
    style.spacing.interact_size.y = 22.0;
    style.spacing.icon_width = 16.0;
    style.spacing.combo_width = 80.0;
    style.spacing.menu_margin = Margin::same(6);
    style.interaction.tooltip_delay = 0.5;

    let visuals = &mut style.visuals;
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.extreme_bg_color = palette.paper;
    visuals.text_edit_bg_color = Some(palette.paper);
    visuals.faint_bg_color = palette.control;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.care;
    visuals.error_fg_color = palette.failure;
    visuals.weak_text_color = Some(palette.weak);
    visuals.selection.bg_fill = palette.selection;
    visuals.selection.stroke = Stroke::new(1.0, palette.text);
    let corner = CornerRadius::same(CORNER);
    let widgets = &mut visuals.widgets;
    for (widget, fill, line, text) in [
        (&mut widgets.noninteractive, palette.panel, palette.line, palette.text),
        (&mut widgets.inactive, palette.control, palette.line, palette.text),
        (&mut widgets.hovered, palette.control_hover, palette.weak, palette.text),
        (&mut widgets.active, palette.control_hover, palette.accent, palette.text),
        (&mut widgets.open, palette.control_hover, palette.line, palette.text),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, line);
        widget.fg_stroke = Stroke::new(1.0, text);
        widget.corner_radius = corner;
        widget.expansion = 0.0;
    }
    visuals.widgets.active.fg_stroke = Stroke::new(1.5, palette.text);
    visuals.widgets.hovered.fg_stroke = Stroke::new(1.5, palette.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour, as WCAG 2 has it.
    fn luminance(colour: Color32) -> f32 {
        let linear = egui::Rgba::from(colour);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    }

    /// The contrast of two colours, as WCAG 2 has it: 1 to 21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn what_stands_out_can_be_read_and_is_told_from_what_is_selected_or_found() {
        for theme in [egui::Theme::Light, egui::Theme::Dark] {
            let palette = Palette::in_theme(theme);
            let Palette {
                highlight, highlight_edge, received, received_body, sent, sent_body, event, ..
            } = palette;
            for text in [highlight_edge, received, received_body, sent, sent_body, event, palette.text] {
                assert!(
                    contrast(text, highlight) >= 4.5,
                    "{theme:?} {text:?}: {}",
                    contrast(text, highlight)
                );
            }
            // The edge is visible on the selection.
            assert!(contrast(highlight_edge, palette.selection) >= 3.0, "{theme:?}");
            for ground in [palette.paper, palette.selection, palette.hit, palette.hit_now] {
                let channels = highlight.to_array().into_iter().zip(ground.to_array());
                let most = channels.map(|(a, b)| a.abs_diff(b)).max();
                assert!(most >= Some(24), "{theme:?} {ground:?}");
            }
        }
    }
}
