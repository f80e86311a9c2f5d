"""Speaks to the example upper-case: upper_case.py PORT CHARSET"""

import sys

from client import connect, exactly, expect

port, charset = int(sys.argv[1]), sys.argv[2]
WORDS = {"utf-8": "straße, ñandú, привет, 你好", "gbk": "abc, привет, 你好", "latin-1": "ñandú, café"}

with connect(port) as connection:
    for text in ["hello\n", WORDS[charset] + "\r\n"]:
        wanted = text.upper().encode(charset)
        connection.sendall(text.encode(charset))
        expect(exactly(connection, len(wanted)), wanted)
    # Cut inside a character, and two lines at once.
    text = WORDS[charset] + "\nnext\n"
    typed, wanted = text.encode(charset), text.upper().encode(charset)
    for at in range(len(typed)):
        connection.sendall(typed[at : at + 1])
    expect(exactly(connection, len(wanted)), wanted)
