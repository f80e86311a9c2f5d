"""Asks the example http-hello: http_hello.py PORT"""

import http.client
import socket
import sys

from client import PATIENCE_S, expect

port = int(sys.argv[1])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
# Several requests over one connection.
for path, status, body in [("/", 200, b"Hello, world!\n"), ("/none", 404, b"Not here.\n"), ("/", 200, b"Hello, world!\n")]:
    connection.request("GET", path, headers={"User-Agent": "a test", "Accept": "*/*"})
    answer = connection.getresponse()
    expect((answer.status, answer.read()), (status, body))
    expect(answer.version, 11)
connection.request("DELETE", "/")
answer = connection.getresponse()
expect((answer.status, answer.read()), (405, b"Only GET.\n"))
connection.close()
# HTTP/1.0: the end of the answer is the end of the connection.
for path, status in [(b"/", b" 200 "), (b"/none", b" 404 ")]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as old:
        old.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: old.recv(4096), b""))
        expect(status in answer.split(b"\r\n")[0] and answer.endswith(b".\n" if path != b"/" else b"!\n"), True)
