"""Three people in the example chat: chat.py PORT"""

import sys

from client import connect, expect, line

port = int(sys.argv[1])
people = {name: connect(port) for name in ["Ann", "Bo", "陈"]}
address = {name: "{}:{}".format(*person.getsockname()) for name, person in people.items()}
# Whoever is asked for his address is there.
for name, person in people.items():
    person.sendall(b"/me\n")
    expect(line(person).decode(), f"you are {address[name]}\n")
for speaker, text in [("Ann", "hello\n"), ("陈", "你好\n"), ("Bo", "bye\n")]:
    people[speaker].sendall(text.encode())
    for name, person in people.items():
        if name != speaker:
            expect(line(person).decode(), f"{address[speaker]}: {text}")
for person in people.values():
    person.close()
