"""Cuts the punctuation that Chinese writes full-width out of our cut of Noto Sans CJK SC, as wide as other Latin text
has it. Run by build.sh.

    latin.py SOURCE OUTPUT
"""

import sys

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

# The characters, and the room at each of their sides in thousandths of an em.
SIGNS = {"‘": 45, "’": 45, "“": 45, "”": 45, "·": 90, "±": 50}
FAMILY = "Netassist Sans Latin"


def main(source, output):
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.glyph_names = False
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(SIGNS) + "….")
    subsetter.subset(font)
    cmap, glyphs = font.getBestCmap(), font.getGlyphSet()
    cff = font["CFF "].cff.topDictIndex[0]
    drawn = {}

    def draw(sign, of, width, places):
        private = cff.CharStrings[cmap[ord(sign)]].private
        pen = T2CharStringPen(width - private.nominalWidthX, glyphs)
        for x in places:
            glyphs[cmap[ord(of)]].draw(TransformPen(pen, (1, 0, 0, 1, x, 0)))
        drawn[cmap[ord(sign)]] = (pen, width)

    for sign, side in SIGNS.items():
        bounds = BoundsPen(glyphs)
        glyphs[cmap[ord(sign)]].draw(bounds)
        left, _, right, _ = bounds.bounds
        draw(sign, sign, round(right - left) + 2 * side, [side - left])
    dot = font["hmtx"][cmap[ord(".")]][0]
    draw("…", ".", 3 * dot, [0, dot, 2 * dot])
    for name, (pen, width) in drawn.items():
        old = cff.CharStrings[name]
        cff.CharStrings[name] = pen.getCharString(old.private, old.globalSubrs)
        font["hmtx"][name] = (width, 0)
    for record in font["name"].names:
        if record.nameID in (1, 4):
            record.string = FAMILY
        elif record.nameID == 6:
            record.string = FAMILY.replace(" ", "")
    cff.FullName = cff.FamilyName = FAMILY
    font["CFF "].cff.fontNames = [FAMILY.replace(" ", "")]
    subset.save_font(font, output, options)


if __name__ == "__main__":
    main(*sys.argv[1:])
