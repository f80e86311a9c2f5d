#!/usr/bin/env python3
"""Fills in the manifests for winget, scoop, Homebrew and the AUR, for a person to submit.

    packaging/manifests.py https://github.com/OWNER/NAME SHA256SUMS FOLDER

writes those of the version in Cargo.toml below FOLDER: @VERSION@, @HOMEPAGE@, @FILES@ (where the files of the release
are) and @SHA256:file@ are replaced. A file that SHA256SUMS lacks is an error.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent


def main():
    homepage, sums, out = sys.argv[1:]
    version = re.search(r'^version = "(.+)"', (HERE.parent / "Cargo.toml").read_text(), re.MULTILINE)[1]
    lines = [line.split() for line in pathlib.Path(sums).read_text().splitlines()]
    digests = {name.lstrip("*"): digest for digest, name in lines}
    for folder in ["aur", "homebrew", "scoop", "winget"]:
        for source in (HERE / folder).iterdir():
            text = source.read_text(encoding="utf-8")
            text = text.replace("@FILES@", f"@HOMEPAGE@/releases/download/v{version}")
            text = text.replace("@HOMEPAGE@", homepage).replace("@VERSION@", version)
            text = re.sub("@SHA256:(.+?)@", lambda found: digests[found[1]], text)
            target = pathlib.Path(out) / folder / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


main()
