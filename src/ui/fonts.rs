//! Fonts of the window: Chinese and Latin of one family, cells of half an em in data, icons; see assets/fonts.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontTweak, RawInput};

use super::lang::Lang;

/// Noto Sans CJK SC, cut down to the characters of GBK.
static SANS: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-GBK.otf");
/// Quotation marks, dots and the like, as wide as other Latin text has them: Chinese writes them full-width.
static LATIN: &[u8] = include_bytes!("../../assets/fonts/NotoSansLatin.otf");
/// Its Medium weight: ASCII and the characters of the window's own words.
static SANS_MEDIUM: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Medium.otf");
/// ASCII of its monospaced face: a cell is half as wide as a Chinese character.
static MONO: &[u8] = include_bytes!("../../assets/fonts/NotoSansMonoSC.otf");
/// Button symbols, U+FFFD and the control pictures, each one cell of Hack wide.
static SYMBOLS: &[u8] = include_bytes!("../../assets/fonts/Symbols.ttf");
static ICONS: &[u8] = include_bytes!("../../assets/fonts/Lucide.ttf");

/// Brings the cells of Hack, 1233/2048 em, to half an em.
const HALF_EM: f32 = 0.8306;
/// Brings the baseline of a face with the height of Hack, so scaled, to that of the others.
const LOWER: f32 = 0.172;

/// The family of heads, chosen segments and primary buttons.
pub(crate) fn medium() -> FontFamily {
    FontFamily::Name("medium".into())
}

/// The family of [`super::icons`].
pub fn icons() -> FontFamily {
    FontFamily::Name("icons".into())
}

/// Installs the fonts for a window in this language.
pub fn install(ctx: &Context, lang: Lang) {
    ctx.add_plugin(Bounded);
    ctx.set_fonts(definitions(lang));
}

/// Bounds the texture of the glyphs, the same for all windows of the program.
struct Bounded;

impl egui::Plugin for Bounded {
    fn debug_name(&self) -> &'static str {
        "bounded glyphs"
    }

    fn input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        // Glyphs of binary data shown as text could fill a gigabyte; 64 MiB hold those of any screen.
        input.max_texture_side = input.max_texture_side.map(|most| most.min(4096));
    }
}

/// Fonts and their order.
fn definitions(lang: Lang) -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let small = FontTweak { scale: HALF_EM, y_offset_factor: LOWER, ..FontTweak::default() };
    let hack = fonts.font_data.get("Hack").map(|hack| FontData::clone(hack).tweak(small.clone()));
    let own = [
        ("latin", FontData::from_static(LATIN)),
        ("sans", FontData::from_static(SANS)),
        ("medium", FontData::from_static(SANS_MEDIUM)),
        ("mono", FontData::from_static(MONO)),
        ("symbols", FontData::from_static(SYMBOLS)),
        ("small symbols", FontData::from_static(SYMBOLS).tweak(small)),
        ("icons", FontData::from_static(ICONS)),
    ];
    let own = own.into_iter().chain(hack.map(|hack| ("small Hack", hack)));
    fonts.font_data.extend(own.map(|(name, data)| (name.to_owned(), Arc::new(data))));
    let theirs = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (family, first) in [
        (FontFamily::Proportional, ["sans", "symbols"].as_slice()),
        (medium(), &["medium", "sans", "symbols"]),
        (FontFamily::Monospace, &["mono", "small Hack", "small symbols", "sans"]),
        (icons(), &["icons"]),
    ] {
        // Data keep their cells in every language.
        let narrow = !lang.is_chinese() && (family == FontFamily::Proportional || family == medium());
        let first = narrow.then_some(&"latin").into_iter().chain(first);
        let order = first.map(|&name| name.to_owned()).chain(theirs.iter().cloned());
        fonts.families.insert(family, order.collect());
    }
    fonts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character of the window in both families, and of all GBK.
    #[test]
    fn no_character_shows_as_a_box() {
        let ctx = Context::default();
        install(&ctx, Lang::En);
        let mut output = ctx.run_ui(egui::RawInput::default(), |_ui| {});
        output.textures_delta.clear();
        let words = Lang::ALL.iter().flat_map(|lang| lang.all());
        let words: String = words.map(|(_, _, text)| text).collect();
        let signs = "✕●←→↓▼⋯…µ\u{FFFD}\u{2400}\u{2421}\u{2426}";
        let gbk = (0x81..=0xFE_u8).flat_map(|lead| (0x40..=0xFE_u8).map(move |trail| [lead, trail]));
        let gbk: String = gbk
            .filter_map(|pair| {
                let text = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&pair);
                text.map(std::borrow::Cow::into_owned)
            })
            .filter(|text| !text.chars().any(|c| ('\u{E000}'..='\u{F8FF}').contains(&c)))
            .collect();
        let all = format!("{words}{signs}{gbk}");
        for family in [FontFamily::Proportional, FontFamily::Monospace, medium()] {
            let font = egui::FontId::new(13.0, family);
            let missing: String = ctx.fonts_mut(|fonts| {
                all.chars().filter(|&c| !c.is_control() && !fonts.has_glyph(&font, c)).collect()
            });
            assert_eq!(missing, "", "no glyph in {font:?}");
        }
    }

    fn with_fonts(look: impl FnOnce(&mut egui::epaint::text::FontsView<'_>)) {
        let ctx = Context::default();
        install(&ctx, Lang::En);
        ctx.run_ui(egui::RawInput::default(), |_ui| {}).drop_without_applying_deltas();
        ctx.fonts_mut(look);
    }

    #[test]
    fn wide_characters_are_two_cells_and_all_stand_on_one_line() {
        with_fonts(|fonts| {
            let mono = egui::FontId::monospace(14.0);
            for (text, width) in
                [("0", 7.0), ("W", 7.0), ("é", 7.0), ("\u{2400}", 7.0), ("发", 14.0), ("，", 14.0)]
            {
                let found = fonts.layout_no_wrap(text.into(), mono.clone(), egui::Color32::BLACK).size().x;
                assert!((found - width).abs() < 0.02, "{text}: {found}");
            }
            // The lowest pixel of a letter on the baseline, at a size where one is small.
            for size in [14.0, 28.0, 56.0] {
                let mut bottom = |family: &FontFamily, text: &str| {
                    let font = egui::FontId::new(size, family.clone());
                    fonts.layout_no_wrap(text.into(), font, egui::Color32::BLACK).mesh_bounds.bottom()
                };
                for family in [FontFamily::Proportional, FontFamily::Monospace, medium()] {
                    let (ascii, latin, greek) =
                        (bottom(&family, "E"), bottom(&family, "É"), bottom(&family, "Ψ"));
                    assert!(
                        (ascii - latin).abs() <= 1.0 && (ascii - greek).abs() <= 1.0,
                        "{family} {size}: {ascii} {latin} {greek}"
                    );
                }
            }
        });
    }

    #[test]
    fn every_icon_has_a_picture() {
        with_fonts(|fonts| {
            let font = egui::FontId::new(16.0, icons());
            for (name, icon) in crate::ui::icons::ALL {
                let size = fonts.layout_no_wrap((*icon).into(), font.clone(), egui::Color32::BLACK).size().x;
                assert!((size - 16.0).abs() < 0.1, "{name}: {size}");
                assert!(icon.chars().all(|c| fonts.has_glyph(&font, c)), "{name}");
            }
            // They are drawn where their outlines are, not at the left.
            for icon in [crate::ui::icons::MENU, crate::ui::icons::SEARCH, crate::ui::icons::X] {
                let drawn = fonts.layout_no_wrap(icon.into(), font.clone(), egui::Color32::BLACK).mesh_bounds;
                assert!((drawn.center().x - 8.0).abs() < 0.6, "{icon:?}: {drawn:?}");
            }
        });
    }
}
