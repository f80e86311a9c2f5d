#!/usr/bin/env python3
"""Prints an icon for macOS of an SVG drawing, with a PNG picture of each size.

    packaging/icns.py assets/icon.svg > assets/macos/netassist.icns
"""
import struct
import subprocess
import sys

# The types of macOS 10.7 and later, and how large their pictures are.
SIZES = {"icp4": 16, "icp5": 32, "ic07": 128, "ic08": 256, "ic09": 512, "ic11": 32, "ic12": 64, "ic13": 256, "ic14": 512}


def picture(size):
    command = ["rsvg-convert", "-w", str(size), "-h", str(size), sys.argv[1]]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def main():
    blocks = b""
    for kind, size in SIZES.items():
        data = picture(size)
        blocks += kind.encode() + struct.pack(">I", 8 + len(data)) + data
    sys.stdout.buffer.write(b"icns" + struct.pack(">I", 8 + len(blocks)) + blocks)


main()
