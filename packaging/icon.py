#!/usr/bin/env python3
"""Prints an icon file of an SVG drawing, with a PNG picture of each size: .ico for Windows, .icns for macOS.

    packaging/icon.py ico assets/icon.svg > netassist.ico
    packaging/icon.py icns assets/icon.svg > assets/macos/netassist.icns
"""
import struct
import subprocess
import sys

ICO = [16, 20, 24, 32, 40, 48, 64, 256]
# The types of macOS 10.7 and later, and how large their pictures are.
ICNS = {"icp4": 16, "icp5": 32, "ic07": 128, "ic08": 256, "ic09": 512, "ic11": 32, "ic12": 64, "ic13": 256, "ic14": 512}


def picture(size):
    command = ["rsvg-convert", "-w", str(size), "-h", str(size), sys.argv[2]]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def ico():
    pictures = [(size, picture(size)) for size in ICO]
    at = 6 + 16 * len(pictures)
    header = struct.pack("<HHH", 0, 1, len(pictures))
    for size, data in pictures:
        # A byte, in which 0 is 256.
        header += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), at)
        at += len(data)
    return header + b"".join(data for _, data in pictures)


def icns():
    blocks = b""
    for kind, size in ICNS.items():
        data = picture(size)
        blocks += kind.encode() + struct.pack(">I", 8 + len(data)) + data
    return b"icns" + struct.pack(">I", 8 + len(blocks)) + blocks


sys.stdout.buffer.write({"ico": ico, "icns": icns}[sys.argv[1]]())
