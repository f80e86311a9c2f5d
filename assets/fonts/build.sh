#!/bin/sh
# Builds the fonts that are embedded in the window.
# The result is the same bytes every time; README.md says what they are and why.
#
# Needs: python3 with venv, npm, the network (for fonttools and Lucide), and Debian 12's packages
# fonts-noto-cjk, fonts-noto-cjk-extra and fonts-noto-core, or their files in the folders NOTO_CJK and NOTO_CORE.
# Usage: assets/fonts/build.sh [FOLDER]      default: the folder of this script
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cjk=${NOTO_CJK:-/usr/share/fonts/opentype/noto}
core=${NOTO_CORE:-/usr/share/fonts/truetype/noto}
output=${1:-$here}
fonttools=4.68.0 # another version may order or pack tables otherwise
lucide=1.62.0

for file in "$cjk/NotoSansCJK-Regular.ttc" "$cjk/NotoSansCJK-Medium.ttc" "$core/NotoSansSymbols2-Regular.ttf" \
    "$core/NotoSansSymbols-Regular.ttf" "$core/NotoSansMath-Regular.ttf" "$core/NotoSans-Regular.ttf"; do
    if [ ! -f "$file" ]; then
        echo "build.sh: no $file" >&2
        echo "build.sh: on Debian 12: apt-get install fonts-noto-cjk fonts-noto-cjk-extra fonts-noto-core" >&2
        exit 1
    fi
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" --quiet --disable-pip-version-check install "fonttools==$fonttools"
(cd "$scratch" && npm pack --silent "lucide-static@$lucide" >/dev/null && tar xzf lucide-static-*.tgz package/font)
python=$scratch/venv/bin/python
lang=$here/../../src/ui/lang
mkdir "$scratch/out"
"$python" "$here/subset.py" regular "$cjk/NotoSansCJK-Regular.ttc" "$scratch/out/NotoSansSC-GBK.otf"
"$python" "$here/subset.py" mono "$cjk/NotoSansCJK-Regular.ttc" "$scratch/out/NotoSansMonoSC.otf"
"$python" "$here/subset.py" medium "$cjk/NotoSansCJK-Medium.ttc" "$scratch/out/NotoSansSC-Medium.otf" \
    "$lang/zh_cn.rs" "$lang/zh_tw.rs"
"$python" "$here/latin.py" "$scratch/out/NotoSansSC-GBK.otf" "$scratch/out/NotoSansLatin.otf"
"$python" "$here/symbols.py" "$core" "$scratch/out/Symbols.ttf"
"$python" "$here/icons.py" "$scratch/package/font/lucide.ttf" "$scratch/package/font/codepoints.json" \
    "$scratch/out/Lucide.ttf"
cp "$scratch"/out/* "$output"
