#!/usr/bin/python3
"""start.py ENGINE ROOT [COUNT]: how long an engine takes from its start until it says READY=1, as systemd hears it.

Starts ENGINE serve over the snapshots of ROOT on a free loopback port, asks it for /livez, stops it by SIGTERM, and
prints a line per start: milliseconds until READY=1, and the resident memory then. Exit code 0: every start and stop was
clean.
"""
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request


def start(engine, root):
    with tempfile.TemporaryDirectory() as folder:
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notices.bind(os.path.join(folder, "notify"))
        os.chmod(folder, 0o755)
        os.chmod(os.path.join(folder, "notify"), 0o777)
        notices.settimeout(60)
        environment = dict(os.environ, NOTIFY_SOCKET=os.path.join(folder, "notify"), ENGINE_URLS="http://127.0.0.1:0")
        begin = time.monotonic()
        server = subprocess.Popen(
            [*engine.split(), "serve", "--snapshots", root], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            expect(notices, b"READY=1")
            took = time.monotonic() - begin
            with open(f"/proc/{server.pid}/status", encoding="ascii") as file:
                memory = int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))
            # Known or not: the line with the address comes with the start.
            address = next(match for match in (re.search(r"http://\S+", line) for line in server.stdout) if match)
            with urllib.request.urlopen(f"{address.group()}/livez", timeout=10) as answer:
                answer.read()
            server.send_signal(signal.SIGTERM)
            expect(notices, b"STOPPING=1")
            server.stdout.read()
            if server.wait(60) != 0:
                sys.exit(f"found exit code {server.returncode} after SIGTERM, expected 0")
        finally:
            server.kill()
        return took * 1000, memory / 1024


def expect(notices, words):
    found = notices.recv(1 << 10)
    if found.strip() != words:
        sys.exit(f"found {found}, expected {words}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    starts = [start(sys.argv[1], sys.argv[2]) for _ in range(int(sys.argv[3]) if len(sys.argv) == 4 else 1)]
    for milliseconds, mebibytes in starts:
        print(f"ready after {milliseconds:.0f} ms, {mebibytes:.0f} MiB resident")
    print(f"median {statistics.median(one for one, _ in starts):.0f} ms")
