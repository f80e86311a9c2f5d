"""Cuts three fonts of Noto Sans CJK SC down to what the window shows. Run by build.sh.

    subset.py regular SOURCE OUTPUT         GBK and some symbols
    subset.py mono SOURCE OUTPUT            ASCII, half an em wide, with a dotted zero
    subset.py medium SOURCE OUTPUT TEXT...  ASCII and the wide characters of these files

It prints what the source font lacks.
"""

import sys

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTCollection

VERSION = "Version 2.004"
# "Noto" is a trademark of Google and the source reserves no font name, so a subset could keep
# it. It gets a name of its own all the same: nobody shall take it for the whole font.
# The family in the source, the family and the PostScript name here, and what it is for.
FONTS = {
    "regular": (
        "Noto Sans CJK SC",
        "Netassist Sans SC",
        "NetassistSansSC-Regular",
        "the characters of GBK and a few blocks of symbols",
    ),
    "mono": (
        "Noto Sans Mono CJK SC",
        "Netassist Mono SC",
        "NetassistMonoSC-Regular",
        "ASCII, with a dotted zero",
    ),
    "medium": (
        "Noto Sans CJK SC Medium",
        "Netassist Sans SC Medium",
        "NetassistSansSC-Medium",
        "ASCII and the characters of the window's own words",
    ),
}

# Blocks of which everything that the source has is taken: text of the Western charsets, and
# symbols that devices and people put into protocols. The whole of it is a few kilobytes.
BLOCKS = [
    (0x0020, 0x007E, "ASCII"),
    (0x00A0, 0x00FF, "Latin-1"),
    (0x0100, 0x017F, "Latin Extended-A"),
    (0x0370, 0x03FF, "Greek"),
    (0x0400, 0x045F, "Cyrillic"),
    (0x2000, 0x206F, "General Punctuation"),
    (0x20A0, 0x20BF, "Currency"),
    (0x2100, 0x214F, "Letterlike"),
    (0x2150, 0x218F, "Number Forms"),
    (0x2190, 0x21FF, "Arrows"),
    (0x2200, 0x22FF, "Mathematical Operators"),
    (0x2300, 0x23FF, "Miscellaneous Technical"),
    (0x2460, 0x24FF, "Enclosed Alphanumerics"),
    (0x2500, 0x257F, "Box Drawing"),
    (0x2580, 0x259F, "Block Elements"),
    (0x25A0, 0x25FF, "Geometric Shapes"),
    (0x2600, 0x26FF, "Miscellaneous Symbols"),
    (0x2700, 0x27BF, "Dingbats"),
    (0x2FF0, 0x2FFB, "Ideographic Description"),
    (0x3000, 0x303F, "CJK Symbols and Punctuation"),
    (0x3040, 0x309F, "Hiragana"),
    (0x30A0, 0x30FF, "Katakana"),
    (0x3100, 0x312F, "Bopomofo"),
    (0xFE10, 0xFE1F, "Vertical Forms"),
    (0xFE30, 0xFE4F, "CJK Compatibility Forms"),
    (0xFF00, 0xFFEF, "Halfwidth and Fullwidth Forms"),
]

# Two-byte codes that GB 18030-2000, and so Python, sends to the Private Use Area, and that
# GB 18030-2005 and -2022, and so today's decoders, give a place of their own.
MOVED_OUT_OF_PRIVATE_USE = [0x01F9, 0x1E3F, *range(0xFE10, 0xFE1A), *range(0x9FB4, 0x9FBC)]


def gbk():
    """Every character with a code of one or two bytes, private use left out."""
    found = {0x20AC, *MOVED_OUT_OF_PRIVATE_USE}  # 0x80 is the euro sign in code page 936
    for lead in range(0x81, 0xFF):
        for trail in [*range(0x40, 0x7F), *range(0x80, 0xFF)]:
            # gb18030's two-byte part is all of GBK; Python's "gbk" leaves some of it out.
            text = bytes([lead, trail]).decode("gb18030", "ignore")
            if len(text) == 1 and not 0xE000 <= ord(text) <= 0xF8FF:
                found.add(ord(text))
    return found


def rename(font, source, family, postscript, what):
    """Our own family name; copyright, licence, trademark and authors stay as they are."""
    source = source if source.endswith("Medium") else f"{source} Regular"
    ours = {
        1: family,
        3: f"2.004;{postscript}",
        4: family,
        6: postscript,
        10: f"A subset of {source}, version 2.004, for embedding in netassist: {what}, without layout tables.",
    }
    kept = {0, 2, 5, 7, 8, 9, 11, 12, 13, 14}
    table = font["name"]
    table.names = [
        record
        for record in table.names
        if record.nameID in kept and (record.platformID, record.langID) == (3, 0x409)
    ]
    for name_id, text in ours.items():
        table.setName(text, name_id, 3, 1, 0x409)
    # CFF has names too, and older readers show those.
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    top = cff.topDictIndex[0]
    top.FullName = family
    top.FamilyName = family


def dot_the_zero(font):
    """Puts an ellipse into the middle of the zero, which tells it from an O."""
    name = font.getBestCmap()[ord("0")]
    glyphs = font.getGlyphSet()
    bounds = BoundsPen(glyphs)
    glyphs[name].draw(bounds)
    left, bottom, right, top = bounds.bounds
    x, y, wide, high = (left + right) / 2, (bottom + top) / 2, 46, 84
    bend = 0.5523
    cff = font["CFF "].cff.topDictIndex[0]
    old = cff.CharStrings[name]
    pen = T2CharStringPen(glyphs[name].width, glyphs)
    glyphs[name].draw(pen)
    pen.moveTo((x + wide, y))
    for sx, sy in ((0, 1), (-1, 0), (0, -1), (1, 0)):
        px, py = (-sy, sx)  # where the quarter begins is the normal of where it ends
        px, py = -px, -py
        pen.curveTo(
            (x + (px + sx * bend) * wide, y + (py + sy * bend) * high),
            (x + (sx + px * bend) * wide, y + (sy + py * bend) * high),
            (x + sx * wide, y + sy * high),
        )
    pen.closePath()
    cff.CharStrings[name] = pen.getCharString(old.private, old.globalSubrs)


def shown(code_points):
    return " ".join(f"U+{c:04X} {chr(c)}" for c in sorted(code_points)) or "nothing"


def wide_characters(paths):
    found = set()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            found.update(ord(c) for c in file.read() if ord(c) >= 0x2010)
    return found


def main(which, source, output, *texts):
    names = FONTS[which]
    family = names[0]
    collection = TTCollection(source)
    fonts = [font for font in collection.fonts if font["name"].getDebugName(1) == family]
    if len(fonts) != 1:
        sys.exit(f"subset.py: {source} holds {len(fonts)} fonts named {family}, expected one")
    [font] = fonts
    version = font["name"].getDebugName(5)
    if not version.startswith(VERSION):
        sys.exit(f"subset.py: {source} is {version}, expected {VERSION}: not the same outlines")

    has = set(font.getBestCmap())
    blocks = BLOCKS if which == "regular" else BLOCKS[:1]
    wanted = {"regular": gbk, "mono": set, "medium": lambda: wide_characters(texts)}[which]()
    lacking = wanted - has
    for first, last, _ in blocks:
        wanted.update(range(first, last + 1))
    wanted &= has

    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.glyph_names = False
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    if which == "mono":
        dot_the_zero(font)
    rename(font, *names)
    font.recalcTimestamp = False
    subset.save_font(font, output, options)

    print(f"{output}: {len(font.getBestCmap())} characters, {font['maxp'].numGlyphs} glyphs")
    print("Characters that the source lacks:", shown(lacking))
    for first, last, block in blocks:
        all_of_it = set(range(first, last + 1))
        if gone := all_of_it - has:
            print(f"{block}: {len(all_of_it - gone)} of {len(all_of_it)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
