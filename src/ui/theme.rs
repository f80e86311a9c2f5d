//! Colours, sizes and spacing, defined only here.

use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Ui, vec2};

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
    ground: 0xEE_F1_F4, 0x12_16_1B, "Window background.";
    panel: 0xF7_F8_FA, 0x1A_1F_26, "Bars and panels.";
    paper: 0xFF_FF_FF, 0x0E_12_17, "Background of text areas and fields.";
    control: 0xE7_EA_EE, 0x28_2F_39, "Buttons at rest.";
    control_hover: 0xDB_E0_E6, 0x34_3D_49, "Buttons under the pointer.";
    line: 0xD0_D6_DD, 0x36_40_4C, "Frames and separators.";
    text: 0x1C_22_2B, 0xE2_E8_EF, "Text.";
    weak: 0x5B_66_74, 0x93_A0_AF, "Secondary text.";
    accent: 0x0B_6B_8F, 0x2A_9D_C4, "Selected choices and the primary button.";
    on_accent: 0xFF_FF_FF, 0x04_12_19, "Text on `accent`.";
    selection: 0xB9_DD_EC, 0x1F_4D_63, "Background of selected text.";
    hit: 0xFF_D9_66, 0xE9_B8_3A, "Background of hits.";
    on_hit: 0x1C_22_2B, 0x12_16_1B, "Text on `hit`.";
    hit_now: 0xFF_A2_3A, 0xFF_8F_1F, "Background of the current hit.";
    highlight: 0xFB_E4_F2, 0x42_20_3A, "Background of a highlighted record.";
    highlight_edge: 0xA3_18_6F, 0xFF_9E_D6, "Edge of a highlighted record, and its note.";
    byte_nul: 0x6B_76_84, 0x7F_8B_9A, "A byte that is zero.";
    byte_blank: 0x1B_77_3C, 0x5C_CB_85, "A byte that is ASCII whitespace.";
    byte_control: 0x80_4B_9E, 0xC7_9B_E4, "A byte that is another ASCII control character.";
    byte_high: 0xA8_62_00, 0xE9_B0_4B, "A byte of 0x80 and above.";
    received: 0x1B_77_3C, 0x5C_CB_85, "Head lines of what was received.";
    received_body: 0x12_35_1E, 0xC4_EB_D1, "What was received.";
    sent: 0x1A_56_B8, 0x74_AC_FA, "Head lines of what was sent.";
    sent_body: 0x14_2C_55, 0xCD_E0_FC, "What was sent.";
    event: 0x80_4B_9E, 0xC7_9B_E4, "Events.";
    good: 0x22_A0_55, 0x3D_D3_78, "The lamp of an open session.";
    care: 0xA8_62_00, 0xE9_B0_4B, "In progress, or a warning.";
    failure: 0xB8_23_2F, 0xFF_80_86, "A failure.";
    failure_ground: 0xFB_E4_E5, 0x43_1C_21, "Background of a failure.";
    notice_ground: 0xDF_F1_E6, 0x17_36_24, "Background of a success.";
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

    #[test]
    fn what_stands_out_can_be_read_and_is_told_from_what_is_selected_or_found() {
        for theme in [egui::Theme::Light, egui::Theme::Dark] {
            let palette = Palette::in_theme(theme);
            let Palette {
                highlight, highlight_edge, received, received_body, sent, sent_body, event, ..
            } = palette;
            for text in [highlight_edge, received, received_body, sent, sent_body, event, palette.text] {
                let contrast = contrast(text, highlight);
                assert!(contrast >= 4.5, "{theme:?} {text:?}: {contrast}");
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
