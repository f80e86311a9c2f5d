"""What the clients of the ready examples have in common: a connection that never waits for ever."""

import socket
import sys

PATIENCE_S = 20


def connect(port, host="127.0.0.1"):
    """A connection to the example."""
    return socket.create_connection((host, port), timeout=PATIENCE_S)


def exactly(connection, n):
    """The next n bytes."""
    got = b""
    while len(got) < n:
        more = connection.recv(n - len(got))
        if not more:
            raise EOFError(f"closed after {got!r} of {n} bytes")
        got += more
    return got


def line(connection):
    """The next line, with its end."""
    got = b""
    while not got.endswith(b"\n"):
        got += exactly(connection, 1)
    return got


def rest(connection):
    """All that follows until the other side closes."""
    got = b""
    while more := connection.recv(65536):
        got += more
    return got


def expect(seen, wanted):
    """Ends the program, and says why, if what was seen is not what was wanted."""
    if seen != wanted:
        sys.exit(f"seen {seen!r}, wanted {wanted!r}")
