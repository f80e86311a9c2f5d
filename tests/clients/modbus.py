"""Reads and writes the registers of the example modbus-device: modbus.py PORT"""

import struct
import sys

from client import connect, exactly, expect

port = int(sys.argv[1])


class Master:
    """A Modbus TCP master: MBAP header (transaction, protocol 0, length, unit), then the PDU."""

    def __init__(self, connection):
        self.connection, self.transaction = connection, 0

    def ask(self, pdu, cut=None):
        """Sends a request, if so wanted in two pieces, and gives the answer's PDU."""
        self.transaction += 1
        request = struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, 1) + pdu
        if cut:
            self.connection.sendall(request[:cut])
        self.connection.sendall(request[cut or 0 :])
        transaction, protocol, length, unit = struct.unpack(">HHHB", exactly(self.connection, 7))
        expect((transaction, protocol, unit), (self.transaction, 0, 1))
        return exactly(self.connection, length - 1)


with connect(port) as connection:
    master = Master(connection)
    # Function 3, holding registers 0 to 2.
    expect(master.ask(struct.pack(">BHH", 3, 0, 3)), struct.pack(">BBHHH", 3, 6, 100, 200, 300))
    # Function 6, one register, is there afterwards; the request comes in two pieces.
    write = struct.pack(">BHH", 6, 1, 4711)
    expect(master.ask(write, cut=5), write)
    expect(master.ask(struct.pack(">BHH", 3, 1, 1)), struct.pack(">BBH", 3, 2, 4711))
    # Function 16, two registers.
    expect(master.ask(struct.pack(">BHHBHH", 16, 0, 2, 4, 7, 8)), struct.pack(">BHH", 16, 0, 2))
    expect(master.ask(struct.pack(">BHH", 3, 0, 2)), struct.pack(">BBHH", 3, 4, 7, 8))
    # Coils: functions 1 and 5.
    expect(master.ask(struct.pack(">BHH", 1, 0, 2)), struct.pack(">BBB", 1, 1, 0b01))
    switch = struct.pack(">BHH", 5, 1, 0xFF00)
    expect(master.ask(switch), switch)
    expect(master.ask(struct.pack(">BHH", 1, 0, 2)), struct.pack(">BBB", 1, 1, 0b11))
    # An address that is not there, and a function that there is not.
    expect(master.ask(struct.pack(">BHH", 3, 60000, 1)), bytes([0x83, 2]))
    expect(master.ask(bytes([99])), bytes([0x80 | 99, 1]))
