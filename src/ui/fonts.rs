//! Fonts of the window: the toolkit's own, then embedded symbols and Chinese, then the system's.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontTweak};

/// Noto Sans CJK SC, cut down to the characters of GBK; see assets/fonts.
static CHINESE: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-GBK.otf");

/// Button symbols, U+FFFD and the control pictures, each one cell wide.
static SYMBOLS: &[u8] = include_bytes!("../../assets/fonts/Symbols.ttf");

/// In the monospaced family a Chinese character is exactly two cells wide with this scale: the
/// toolkit's font has cells of 1233/2048 em.
const TWO_CELLS: f32 = 1.2041;

/// Installs the fonts.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

/// Fonts and their order.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let mono = FontTweak { scale: TWO_CELLS, y_offset_factor: -0.06, ..FontTweak::default() };
    for (name, data) in [
        ("symbols", FontData::from_static(SYMBOLS)),
        ("chinese", FontData::from_static(CHINESE)),
        ("chinese mono", FontData::from_static(CHINESE).tweak(mono)),
    ] {
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
    }
    for (family, chinese) in [(FontFamily::Proportional, "chinese"), (FontFamily::Monospace, "chinese mono")]
    {
        let order = fonts.families.entry(family).or_default();
        order.extend(["symbols".to_owned(), chinese.to_owned()]);
    }
    fonts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::lang::Lang;

    /// Every character of the window in both families, and of all GBK.
    #[test]
    fn no_character_shows_as_a_box() {
        let ctx = Context::default();
        install(&ctx);
        let mut output = ctx.run_ui(egui::RawInput::default(), |_ui| {});
        output.textures_delta.clear();
        let words = Lang::ALL.iter().flat_map(|lang| lang.all());
        let words: String = words.map(|(_, _, text)| text).collect();
        let signs = "✕●←→↓▼⋯…\u{FFFD}\u{2400}\u{2421}\u{2426}";
        let gbk = (0x81..=0xFE_u8).flat_map(|lead| (0x40..=0xFE_u8).map(move |trail| [lead, trail]));
        let gbk: String = gbk
            .filter_map(|pair| {
                let text = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&pair);
                text.map(std::borrow::Cow::into_owned)
            })
            .filter(|text| !text.chars().any(|c| ('\u{E000}'..='\u{F8FF}').contains(&c)))
            .collect();
        let all = format!("{words}{signs}{gbk}");
        for family in [FontFamily::Proportional, FontFamily::Monospace] {
            let font = egui::FontId::new(13.0, family);
            let missing: String = ctx.fonts_mut(|fonts| {
                all.chars().filter(|&c| !c.is_control() && !fonts.has_glyph(&font, c)).collect()
            });
            assert_eq!(missing, "", "no glyph in {font:?}");
        }
    }
}
