"""Sends files to the example json-files: json_files.py PORT FOLDER"""

import json
import os
import struct
import sys

from client import connect, exactly, expect

port, folder = int(sys.argv[1]), sys.argv[2]


def tell(connection, message):
    """Sends one message, its length in front."""
    body = json.dumps(message, ensure_ascii=False).encode()
    connection.sendall(struct.pack(">I", len(body)) + body)


def hear(connection):
    """The next message."""
    (length,) = struct.unpack(">I", exactly(connection, 4))
    return json.loads(exactly(connection, length))


with connect(port) as connection:
    tell(connection, {"name": "greeting.txt", "content": "hello, 你好\n"})
    expect(hear(connection), {"got": "greeting.txt"})
    tell(connection, {"name": "second.txt", "content": ""})
    expect(hear(connection), {"got": "second.txt"})
    # None of these may be written anywhere.
    for name in ["../outside.txt", "/tmp/outside.txt", "greeting.txt"]:
        tell(connection, {"name": name, "content": "wrong"})
        expect(hear(connection), {"got": name})
    # What is no such message is answered, too.
    tell(connection, [1, 2, 3])
    expect(hear(connection), {"error": "name and content are missing"})

expect(os.path.exists(os.path.join(folder, "..", "outside.txt")), False)
