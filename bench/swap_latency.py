#!/usr/bin/env python3
"""Latency of single calls while a running engine swaps between two published snapshots, with h2load (Debian's
nghttp2-client) at a fixed rate: the window before the first swap, then the seconds after each swap, client included. A
swap's window begins when CURRENT is moved and ends SECONDS later; the swap itself comes one to several seconds into it.
Beside it the memory of the engine: all that is resident (VmRSS) and its own (RssAnon), before and 10 s after each swap
(--seconds must be above 10 for that). The last lines compare with the window before, as the target does.

    artifacts/bin/Engine.Server/release/Engine.Server serve --snapshots SNAPSHOTS &
    python3 bench/swap_latency.py SNAPSHOTS/default ID_A ID_B --user u0012345 --product p000001 \\
        --rate 2000 --swaps 20 --pid $!

Without --pid the process that listens on the gRPC port is taken. CURRENT must name ID_B when it begins.
"""
import argparse
import os
import re
import subprocess
import tempfile
import time
import urllib.request

from call_rates import file, recommend, varint

SETTLED = 10


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] / 1e3


def request(user, product):
    """Recommend for a user with a product in the basket, so that a snapshot that lacks the user answers, too."""
    basket = b"\x0a" + varint(len(product)) + product.encode()
    message = recommend(user, 10)[5:] + b"\x22" + varint(len(basket)) + basket
    return b"\x00" + len(message).to_bytes(4, "big") + message


def line(name, calls, memory="", start=0):
    if not calls:
        print(f"{name:26} no calls")
        return
    late = [begin + latency for begin, latency in calls if latency > 25_000]
    when = f" ({(min(late) - start) / 1e6:.1f} to {(max(late) - start) / 1e6:.1f} s after it)" if late and start else ""
    latencies = [latency for _, latency in calls]
    print(f"{name:26} {len(calls):6} calls  p50 {share(latencies, .5):6.2f}  p99 {share(latencies, .99):7.2f}  "
          f"worst {max(latencies) / 1e3:7.1f} ms  {len(late)} above 25 ms{when}  {memory}")


def listener(address):
    text = subprocess.run(["ss", "-Hltnp", f"sport = :{address.rsplit(':', 1)[1]}"], capture_output=True, text=True,
                          check=True).stdout
    found = re.search(r"pid=(\d+)", text)
    if not found:
        raise SystemExit(f"nothing listens on {address}; give --pid")
    return int(found.group(1))


def memory(pid):
    """VmRSS and RssAnon in MiB."""
    with open(f"/proc/{pid}/status") as stream:
        status = stream.read()
    return [int(re.search(rf"{name}:\s+(\d+)", status).group(1)) / 1024 for name in ("VmRSS", "RssAnon")]


def refused(address):
    """Calls of Recommend that the engine did not answer with OK: gRPC says so behind a status 200."""
    with urllib.request.urlopen(f"http://{address}/metrics") as answer:
        text = answer.read().decode()
    counts = re.findall(r'engine_requests_total{[^}]*method="/engine.v1.Recommender/Recommend"[^}]*} (\d+)', text)
    sound = re.findall(
        r'engine_requests_total{[^}]*method="/engine.v1.Recommender/Recommend"[^}]*status="OK"[^}]*} (\d+)', text)
    return sum(map(int, counts)) - sum(map(int, sound))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workspace")
    parser.add_argument("ids", nargs=2)
    parser.add_argument("--grpc", default="127.0.0.1:50051")
    parser.add_argument("--http", default="127.0.0.1:8080")
    parser.add_argument("--user", required=True)
    parser.add_argument("--product", required=True, help="in both snapshots")
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--swaps", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=12, help="from one swap to the next")
    parser.add_argument("--pid", type=int, help="of the engine")
    arguments = parser.parse_args()
    current = os.path.join(arguments.workspace, "CURRENT")
    if open(current).read().strip() != arguments.ids[1]:
        raise SystemExit(f"{current} does not name {arguments.ids[1]}; expected it to: the first swap is to the other one")
    pid = arguments.pid or listener(arguments.grpc)
    refused_before = refused(arguments.http)
    body = file(request(arguments.user, arguments.product))
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        load = subprocess.Popen(
            ["h2load", "-c", "8", "-m", "16", f"--rps={arguments.rate // 8}", f"--log-file={log}",
             "-D", str((arguments.swaps + 1) * arguments.seconds), "-d", body.name,
             "-H", "content-type: application/grpc", "-H", "te: trailers",
             f"http://{arguments.grpc}/engine.v1.Recommender/Recommend"], stdout=subprocess.DEVNULL)
        marks, used = [], []
        for n in range(arguments.swaps):
            time.sleep(arguments.seconds - (min(SETTLED, arguments.seconds) if n else 0))
            used.append(memory(pid))
            with open(current + ".next", "w") as stream:
                stream.write(arguments.ids[n % 2] + "\n")
            marks.append((time.time() * 1e6, arguments.ids[n % 2]))
            os.replace(current + ".next", current)
            time.sleep(min(SETTLED, arguments.seconds))
        used.append(memory(pid))
        load.wait()
        # Microseconds since 1970, HTTP status, microseconds.
        rows = [tuple(map(int, text.split())) for text in open(log)]
    calls = [(start, latency) for start, status, latency in rows if status == 200]
    print(f"{len(rows)} calls, {len(rows) - len(calls)} without status 200, "
          f"{refused(arguments.http) - refused_before} refused by the engine; process {pid}")
    before = [call for call in calls if call[0] < marks[0][0]]
    line("before", before, f"rss {used[0][0]:6.0f}  anon {used[0][1]:6.0f} MiB")
    windows = []
    for n, (start, snapshot) in enumerate(marks):
        window = [call for call in calls if start <= call[0] < start + arguments.seconds * 1e6]
        windows.append(window)
        line(snapshot, window, f"rss {used[n + 1][0]:6.0f}  anon {used[n + 1][1]:6.0f} MiB", start)
    summary(before, windows, used)


def summary(before, windows, used):
    calm = share([latency for _, latency in before], .99)
    swaps = [share([latency for _, latency in window], .99) for window in windows]
    worst = [max(latency for _, latency in window) / 1e3 for window in windows]
    print(f"p99 of swaps / p99 before: {sorted(swaps)[len(swaps) // 2] / calm:.2f} (median), {max(swaps) / calm:.2f} (worst); "
          f"target 2 or less: {sum(one <= 2 * calm for one in swaps)} of {len(swaps)}")
    print(f"worst call: {max(worst):.1f} ms; target 25 ms or less: {sum(one <= 25 for one in worst)} of {len(worst)}")
    # Each second swap is back on the snapshot that was served before the first.
    for name, place in (("rss", 0), ("anon", 1)):
        back = [one[place] for one in used[2::2]]
        if back:
            print(f"{name} on the first snapshot again: {', '.join(f'{one:.0f}' for one in back)} MiB; "
                  f"before {used[0][place]:.0f}, last {back[-1] - used[0][place]:+.0f}")


if __name__ == "__main__":
    main()
