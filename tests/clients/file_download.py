"""Fetches files of the folder of the example file-download: file_download.py PORT FOLDER"""

import os
import sys

from client import connect, expect, rest

port, folder = int(sys.argv[1]), sys.argv[2]


def fetch(name):
    """What the server sends until it closes."""
    with connect(port) as connection:
        connection.sendall(name.encode() + b"\r\n")
        return rest(connection)


for name in sorted(os.listdir(folder)):
    with open(os.path.join(folder, name), "rb") as file:
        expect(fetch(name), file.read())
# What is not there, or not in the folder, is nothing.
for name in ["none.bin", "../secret.txt", "/etc/passwd", "..", "", "C:\\secret.txt", "sub/../../secret.txt"]:
    expect(fetch(name), b"")
