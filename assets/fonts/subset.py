"""Cuts Noto Sans CJK SC Regular down to GBK and some symbols. Run by build.sh.

It knows nothing of the window and its other fonts; it prints what the source font lacks.
"""

import sys

from fontTools import subset
from fontTools.ttLib import TTCollection

FAMILY = "Noto Sans CJK SC"
VERSION = "Version 2.004"
# "Noto" is a trademark of Google and the source reserves no font name, so a subset could keep
# it. It gets a name of its own all the same: nobody shall take it for the whole font.
SUBSET_FAMILY = "Netassist Sans SC"
SUBSET_POSTSCRIPT = "NetassistSansSC-Regular"
SUBSET_DESCRIPTION = (
    "A subset of Noto Sans CJK SC Regular, version 2.004, for embedding in netassist: "
    "the characters of GBK and a few blocks of symbols, without layout tables."
)

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


def rename(font):
    """Our own family name; copyright, licence, trademark and authors stay as they are."""
    ours = {
        1: SUBSET_FAMILY,
        3: f"2.004;{SUBSET_POSTSCRIPT}",
        4: SUBSET_FAMILY,
        6: SUBSET_POSTSCRIPT,
        10: SUBSET_DESCRIPTION,
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
    cff.fontNames = [SUBSET_POSTSCRIPT]
    top = cff.topDictIndex[0]
    top.FullName = SUBSET_FAMILY
    top.FamilyName = SUBSET_FAMILY


def shown(code_points):
    return " ".join(f"U+{c:04X} {chr(c)}" for c in sorted(code_points)) or "nothing"


def main(source, output):
    collection = TTCollection(source)
    fonts = [font for font in collection.fonts if font["name"].getDebugName(1) == FAMILY]
    if len(fonts) != 1:
        sys.exit(f"subset.py: {source} holds {len(fonts)} fonts named {FAMILY}, expected one")
    [font] = fonts
    version = font["name"].getDebugName(5)
    if not version.startswith(VERSION):
        sys.exit(f"subset.py: {source} is {version}, expected {VERSION}: not the same outlines")

    has = set(font.getBestCmap())
    wanted = gbk()
    lacking = wanted - has
    for first, last, _ in BLOCKS:
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
    rename(font)
    font.recalcTimestamp = False
    subset.save_font(font, output, options)

    print(f"{len(font.getBestCmap())} characters, {font['maxp'].numGlyphs} glyphs")
    print("GBK characters that the source lacks:", shown(lacking))
    for first, last, block in BLOCKS:
        all_of_it = set(range(first, last + 1))
        if gone := all_of_it - has:
            print(f"{block}: {len(all_of_it - gone)} of {len(all_of_it)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
