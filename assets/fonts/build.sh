#!/bin/sh
# Builds the fonts that are embedded in the window: NotoSansSC-GBK.otf and Symbols.ttf.
# The result is the same bytes every time; README.md says what they are and why.
#
# Needs: python3 with venv, the network (for fonttools), and Debian 12's packages
# fonts-noto-cjk and fonts-noto-core, or their files in the folders NOTO_CJK and NOTO_CORE.
# Usage: assets/fonts/build.sh [FOLDER]      default: the folder of this script
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cjk=${NOTO_CJK:-/usr/share/fonts/opentype/noto}
core=${NOTO_CORE:-/usr/share/fonts/truetype/noto}
output=${1:-$here}
fonttools=4.68.0 # another version may order or pack tables otherwise

for file in "$cjk/NotoSansCJK-Regular.ttc" "$core/NotoSansSymbols2-Regular.ttf" \
    "$core/NotoSansSymbols-Regular.ttf" "$core/NotoSansMath-Regular.ttf" "$core/NotoSans-Regular.ttf"; do
    if [ ! -f "$file" ]; then
        echo "build.sh: no $file" >&2
        echo "build.sh: on Debian 12: apt-get install fonts-noto-cjk fonts-noto-core" >&2
        exit 1
    fi
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" --quiet --disable-pip-version-check install "fonttools==$fonttools"
"$scratch/venv/bin/python" "$here/subset.py" "$cjk/NotoSansCJK-Regular.ttc" "$scratch/sc.otf"
"$scratch/venv/bin/python" "$here/symbols.py" "$core" "$scratch/symbols.ttf"
cp "$scratch/sc.otf" "$output/NotoSansSC-GBK.otf"
cp "$scratch/symbols.ttf" "$output/Symbols.ttf"
