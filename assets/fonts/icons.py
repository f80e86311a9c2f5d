"""Cuts Lucide down to the icons of the window. Run by build.sh.

    icons.py LUCIDE.TTF CODEPOINTS.JSON OUTPUT

It prints the lines of src/ui/icons.rs.
"""

import json
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

NAMES = """
arrow-down arrow-down-to-line arrow-left arrow-left-right arrow-right arrow-up ban bell binary braces bug
chart-line check chevron-down chevron-left chevron-right chevron-up circle-check circle-dot circle-pause
circle-question-mark circle-stop circle-x clock columns-2 combine copy crosshair download ellipsis eraser
external-link eye-off file file-clock file-down flag folder-clock folder-open globe grip-vertical hard-drive
history house info keyboard languages list-filter list-ordered lock log-out maximize-2 menu message-square
minus panel-left-close panel-left-open paperclip pause pencil pin play plug plus radio repeat reply
rotate-ccw save scan-search search send server settings shield-check square star text-search timer trash-2
triangle-alert undo-2 unplug upload user users wifi-off x zap
""".split()


def main(source, codepoints, output):
    with open(codepoints, encoding="utf-8") as file:
        codes = json.load(file)
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.glyph_names = False
    options.name_IDs = ["*"]
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[codes[name] for name in NAMES])
    subsetter.subset(font)
    # Lucide has all outlines begin at the left of their cells. Saving finds where they do begin; unless their metrics
    # agree, they are drawn out of the middle.
    for name, (width, _) in font["hmtx"].metrics.items():
        glyph = font["glyf"][name]
        glyph.recalcBounds(font["glyf"])
        font["hmtx"].metrics[name] = (width, glyph.xMin)
    for name_id, text in {1: "Netassist Icons", 4: "Netassist Icons", 6: "NetassistIcons"}.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    subset.save_font(font, output, options)
    for name in NAMES:
        print(f'{name.upper().replace("-", "_")} "\\u{{{codes[name]:X}}}";')


if __name__ == "__main__":
    main(*sys.argv[1:])
