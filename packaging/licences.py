#!/usr/bin/env python3
"""Prints the licences of all libraries that are linked into netassist for TARGET: packages contain them.

    packaging/licences.py x86_64-unknown-linux-gnu > THIRD-PARTY.txt
"""
import json
import pathlib
import re
import subprocess
import sys

NAMES = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense|ofl)", re.IGNORECASE)


def linked(metadata):
    """The packages that the program links: normal dependencies, and theirs."""
    root = metadata["resolve"]["root"]
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, left = {root}, [root]
    while left:
        for dependency in nodes[left.pop()]["deps"]:
            normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if normal and dependency["pkg"] not in found:
                found.add(dependency["pkg"])
                left.append(dependency["pkg"])
    packages = [package for package in metadata["packages"] if package["id"] in found - {root}]
    return sorted(packages, key=lambda package: (package["name"], package["version"]))


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    files = [path for path in folder.iterdir() if NAMES.match(path.name)]
    files = [inner for path in files for inner in (path.iterdir() if path.is_dir() else [path])]
    return [path.read_text(errors="replace").strip() for path in sorted(files) if path.is_file()]


def main():
    command = ["cargo", "metadata", "--locked", "--format-version=1", f"--filter-platform={sys.argv[1]}"]
    packages = linked(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    users = {}
    print("netassist contains these libraries, and the fonts Noto Sans SC and Noto Sans Symbols (SIL OFL 1.1).\n")
    for package in packages:
        name = f"{package['name']} {package['version']}"
        print(f"{name}: {package['license'] or 'see its licence file'}")
        for text in texts(package):
            # The same text may be wrapped at other places.
            users.setdefault(" ".join(text.split()), (text, []))[1].append(name)
    for text, names in users.values():
        print(f"\n{'=' * 80}\n{', '.join(names)}\n{'-' * 80}\n{text}")


main()
