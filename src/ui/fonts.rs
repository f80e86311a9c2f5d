//! The fonts of the window: the toolkit's own, then the embedded Chinese, then the system's.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontTweak};

/// Noto Sans CJK SC, cut down to the characters of GBK; see assets/fonts.
static CHINESE: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-GBK.otf");

/// In the monospaced family a Chinese character is exactly two cells wide with this scale: the
/// toolkit's font has cells of 0.602 em.
const TWO_CELLS: f32 = 1.2041;

/// Puts the fonts into force.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

/// The fonts and their order.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let mono_tweak = FontTweak { scale: TWO_CELLS, ..FontTweak::default() };
    fonts.font_data.insert("chinese".into(), Arc::new(FontData::from_static(CHINESE)));
    fonts.font_data.insert("chinese mono".into(), Arc::new(FontData::from_static(CHINESE).tweak(mono_tweak)));
    for (family, name) in [(FontFamily::Proportional, "chinese"), (FontFamily::Monospace, "chinese mono")] {
        // Behind the Latin font, before the toolkit's emoji.
        let order = fonts.families.entry(family).or_default();
        order.insert(order.len().min(1), name.to_owned());
    }
    fonts
}
