"""Draws Symbols.ttf from four Noto fonts: what neither egui's fonts nor the Chinese font have.

Run by build.sh. Control pictures and the replacement character are brought to one width, the
cell of egui's monospaced font, so that they stand in a dump's text column as a letter does.
"""

import sys

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FAMILY = "Netassist Symbols"
POSTSCRIPT = "NetassistSymbols-Regular"
DESCRIPTION = (
    "Control pictures and symbols from Noto Sans Symbols2, Symbols, Math and Noto Sans, "
    "for embedding in netassist. The control pictures are one monospaced cell wide."
)

# The cell and the vertical metrics of Hack, egui's monospaced font, in its own units.
UNITS_PER_EM, CELL, ASCENT, DESCENT = 2048, 1233, 1901, -483

# (the font a character comes from, the characters, whether they are fitted into one cell)
TAKEN = [
    ("NotoSansSymbols2-Regular.ttf", [*range(0x2400, 0x2427), *map(ord, "⏎")], True),
    ("NotoSans-Regular.ttf", [0xFFFD], True),
    ("NotoSansSymbols2-Regular.ttf", map(ord, "✓✔✕✖✗✘⌫⌦⌘⚠★☆☰⚡✎✏"), False),
    ("NotoSansSymbols2-Regular.ttf", map(ord, "⏏⏩⏪⏭⏮⏱⏴⏵⏶⏷⏸⏹⏺🔍📋🔒🔓🗑🗀🖫"), False),
    ("NotoSansSymbols-Regular.ttf", map(ord, "⚙"), False),
    ("NotoSansMath-Regular.ttf", map(ord, "⟳⋮≒"), False),
    ("NotoSans-Regular.ttf", map(ord, "ℹ"), False),
]
VERSIONS = {
    "NotoSansSymbols2-Regular.ttf": "Version 2.003",
    "NotoSansSymbols-Regular.ttf": "Version 2.001",
    "NotoSansMath-Regular.ttf": "Version 2.001",
    "NotoSans-Regular.ttf": "Version 2.004",
}
COPYRIGHT = "Copyright 2015-2018 Google LLC. All Rights Reserved."
LICENCE = (
    "This Font Software is licensed under the SIL Open Font License, Version 1.1. "
    'This Font Software is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF '
    "ANY KIND, either express or implied. See the SIL Open Font License for the specific "
    "language, permissions and limitations governing your use of this Font Software."
)


def open_font(folder, name):
    font = TTFont(f"{folder}/{name}")
    version = font["name"].getDebugName(5)
    if not version.startswith(VERSIONS[name]):
        sys.exit(f"symbols.py: {folder}/{name} is {version}, expected {VERSIONS[name]}")
    return font


def drawn(font, code_point, fitted):
    """One glyph in our units, its advance, and its left side bearing."""
    name = font.getBestCmap()[code_point]
    glyphs = font.getGlyphSet()
    advance = glyphs[name].width
    scale = UNITS_PER_EM / font["head"].unitsPerEm
    lift = 0
    if fitted:
        shrink = min(1, CELL / (advance * scale))
        bounds = BoundsPen(glyphs)
        glyphs[name].draw(bounds)
        # A smaller glyph keeps its middle where it was: it stands in the same line of text.
        _, bottom, _, top = bounds.bounds
        lift = (bottom + top) / 2 * scale * (1 - shrink)
        scale *= shrink
        width = CELL
    else:
        width = round(advance * scale)
    shift = (width - advance * scale) / 2
    outline = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(outline)
    pen = TTGlyphPen(None)
    outline.replay(TransformPen(pen, (scale, 0, 0, scale, shift, lift)))
    glyph = pen.glyph(dropImpliedOnCurves=False)
    glyph.recalcBounds(None)
    return glyph, width, glyph.xMin


def notdef():
    """The hollow box that shows a missing character."""
    pen = TTGlyphPen(None)
    for inset, turn in ((120, 1), (200, -1)):
        left, bottom, right, top = inset, inset - 120, CELL - inset, 1493 - inset + 120
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)][::turn]
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def main(folder, output):
    glyphs = {".notdef": notdef()}
    metrics = {".notdef": (CELL, 120)}
    cmap = {}
    for name, code_points, fitted in TAKEN:
        font = open_font(folder, name)
        for code_point in code_points:
            glyph_name = f"uni{code_point:04X}"
            glyph, width, bearing = drawn(font, code_point, fitted)
            glyphs[glyph_name] = glyph
            metrics[glyph_name] = (width, bearing)
            cmap[code_point] = glyph_name

    builder = FontBuilder(UNITS_PER_EM, isTTF=True)
    builder.font.recalcTimestamp = False
    builder.setupHead(unitsPerEm=UNITS_PER_EM, created=0, modified=0)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(cmap)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupOS2(
        sTypoAscender=ASCENT,
        sTypoDescender=DESCENT,
        sTypoLineGap=0,
        usWinAscent=ASCENT,
        usWinDescent=-DESCENT,
    )
    builder.setupPost(keepGlyphNames=False)
    builder.setupNameTable(
        {
            "copyright": COPYRIGHT,
            "familyName": FAMILY,
            "styleName": "Regular",
            "uniqueFontIdentifier": POSTSCRIPT,
            "fullName": FAMILY,
            "version": "Version 1.000",
            "psName": POSTSCRIPT,
            "trademark": "Noto is a trademark of Google LLC.",
            "description": DESCRIPTION,
            "licenseDescription": LICENCE,
            "licenseInfoURL": "https://openfontlicense.org",
        },
        mac=False,
    )
    builder.save(output)
    print(f"{len(cmap)} symbols")


if __name__ == "__main__":
    main(*sys.argv[1:])
