"""Tries netassist.com and netassist.exe on Windows, or under Wine: command line, sockets, window.

    python smoke.py FOLDER [COMMAND…]

FOLDER holds both programs and takes the files. COMMAND, `.ci/windows run`, starts the program of the folder that PROGRAM
names under Wine. The window is looked at under Wine only, by xdotool and ImageMagick.
"""
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

FOLDER, RUN = os.path.abspath(sys.argv[1]), sys.argv[2:]
PATIENCE = 60


def start(*args, program="netassist.com", **more):
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    env = dict(os.environ, PROGRAM=program, **more)
    run = RUN or [os.path.join(FOLDER, program)]
    # Ctrl+Break reaches a group of processes.
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen([*run, *args], cwd=FOLDER, env=env, creationflags=group, **pipes)


def line(process, beginning):
    """Waits for a line on standard error that begins so; returns the rest."""
    while True:
        text = process.stderr.readline().decode()
        assert text, "it ended without " + beginning
        if text.startswith(beginning):
            return text[len(beginning) :].strip()


def end(process, status=0):
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == status, (process.returncode, out[-300:], err[-600:])
    return out, err.decode()


def passed(what):
    print("ok  ", what, flush=True)


def until(what, found):
    deadline = time.time() + PATIENCE
    while not (value := found()):
        assert time.time() < deadline, what
        time.sleep(0.2)
    return value


def resources():
    for program, subsystem in [("netassist.exe", 2), ("netassist.com", 3)]:
        with open(os.path.join(FOLDER, program), "rb") as file:
            image = file.read()
        header = struct.unpack_from("<I", image, 0x3C)[0]
        assert struct.unpack_from("<H", image, header + 92)[0] == subsystem, program
        for part in [b"PerMonitorV2", b"longPathAware", "FileVersion".encode("utf-16-le"), b"\x89PNG"]:
            assert part in image, (program, part)
    passed("subsystems, manifest, version and icon")


def command_line():
    out, _ = end(start("--version"))
    assert out.startswith(b"netassist "), out
    # The other program has pipes, too, if it is given some.
    assert end(start("--version", program="netassist.exe"))[0] == out
    passed("both programs: " + out.decode().strip())
    _, err = end(start("tcp-server", "nonsense"), 2)
    assert "ADDRESS:PORT" in err, err
    passed("usage error: status 2")
    _, err = end(start("export", "no-such.pcapng", "--format", "text"), 1)
    assert "no such file or folder (os error 2)" in err, err
    passed("errors of the system in English")


def tcp_server():
    args = ["--echo", "--max-connections", "1", "--print", "none", "--capture", "smoke.pcapng", "--overwrite"]
    server = start("tcp-server", "127.0.0.1:0", *args)
    port = int(line(server, "listening on ").rsplit(":", 1)[1])
    data = "你好 hello\r\n".encode() + os.urandom(8 << 20)
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(PATIENCE)

    def push():
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)

    threading.Thread(target=push).start()
    got = b""
    while part := client.recv(1 << 16):
        got += part
    assert got == data
    end(server)
    passed("tcp-server --echo: 8 MiB came back")
    assert end(start("export", "smoke.pcapng", "--format", "raw-rx"))[0] == data
    out, _ = end(start("export", "smoke.pcapng", "--records", "1-5", "--format", "netassist5"))
    assert "你好 hello".encode() in out and b"\r\n" in out, out
    passed("the capture holds every byte")


def tcp_client():
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(PATIENCE)
    address = "127.0.0.1:%d" % listener.getsockname()[1]
    args = ["--charset", "gbk", "--send", "中文\\r\\n", "--expect", "text:好"]
    client = start("tcp-client", address, *args)
    peer, _ = listener.accept()
    peer.settimeout(PATIENCE)
    assert peer.recv(100) == "中文\r\n".encode("gbk")
    peer.sendall("好\r\n".encode("gbk"))
    assert end(client)[0] == "好\r\n".encode("gbk")
    passed("tcp-client: GBK, --expect")
    peer.close()
    listener.close()
    _, err = end(start("tcp-client", address, "--send", "x"), 1)
    assert "connection refused (os error 10061)" in err, err
    passed("refused: status 1")


def udp():
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.bind(("127.0.0.1", 0))
    peer.settimeout(PATIENCE)
    remote = "127.0.0.1:%d" % peer.getsockname()[1]
    args = ["--send-hex", "01 03 00 00 00 02", "--append", "CRC-16/MODBUS", "--max-bytes", "4"]
    client = start("udp", "127.0.0.1:0", "--remote", remote, *args)
    data, address = peer.recvfrom(100)
    assert data.hex() == "010300000002c40b", data
    peer.sendto(b"back", address)
    out, err = end(client)
    assert b"back" in out and "dropped" not in err, (out, err)
    passed("udp with a checksum; no number of dropped datagrams, as Windows has none")


def ctrl_c():
    server = start("tcp-server", "127.0.0.1:0", "--echo", "--capture", "ctrl-c.pcapng", "--overwrite")
    client = socket.create_connection(("127.0.0.1", int(line(server, "listening on ").rsplit(":", 1)[1])))
    client.settimeout(PATIENCE)
    client.sendall(b"remember me")
    assert client.recv(11) == b"remember me"
    # Wine turns SIGINT into Ctrl+C.
    server.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
    assert client.recv(1) == b"", "it closes in order"
    client.close()
    out, err = end(server)
    assert out == b"remember me" and "received 11 bytes" in err, (out, err)
    passed("Ctrl+C ends it in order: status 0")


def tool(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().split()


def windows(name):
    return tool("xdotool", "search", "--name", name)


def shoot(name):
    path = os.path.join(FOLDER, name)
    tool("import", "-window", "root", path)
    return int(tool("identify", "-format", "%k", path)[0])


def window(program):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    session = '[[session]]\nname = "测试"\nprotocol = "tcp-server"\nlocal = "127.0.0.1:%d"\nstart = true\n' % port
    with open(os.path.join(FOLDER, "smoke.toml"), "w", encoding="utf-8") as file:
        file.write(session)
    program = start("open", "smoke.toml", program=program)
    until("no window", lambda: program.poll() is not None or windows("^netassist$"))
    assert program.poll() is None, program.communicate()

    def call():
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            return None

    until("the window is empty", lambda: shoot("window.png") > 50)
    # The workspace is not approved: the second button starts it.
    tool("xdotool", "sleep", "1", "key", "Tab", "sleep", "0.5", "key", "Return")
    client = until("its server does not open", call)
    client.sendall("窗口里的中文\r\n".encode())
    time.sleep(2)
    colours = shoot("window.png")
    tool("xdotool", "mousemove", "700", "400", "sleep", "0.5", "click", "1", "sleep", "0.5", "key", "ctrl+q")
    # It asks, as there is a connection.
    tool("xdotool", "sleep", "2", "key", "Return")
    # Not end(): the desktop may keep the pipes open.
    assert program.wait(PATIENCE) == 0, program.returncode
    client.settimeout(PATIENCE)
    while client.recv(100):
        pass
    passed("window: opens, listens, draws (%d colours), asks, ends with Ctrl+Q" % colours)


resources()
command_line()
tcp_server()
tcp_client()
udp()
ctrl_c()
if RUN:
    window("netassist.exe")
print("all well")
