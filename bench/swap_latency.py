#!/usr/bin/env python3
"""Latency of single calls while a running engine swaps between two published snapshots, with h2load (Debian's
nghttp2-client) at a fixed rate: the window before the first swap, then the seconds after each swap. Client included.

    dotnet run -c Release --project engine/Engine.Server -- serve --snapshots SNAPSHOTS &
    python3 bench/swap_latency.py SNAPSHOTS/default ID_A ID_B --user u0012345 --swaps 20
"""
import argparse
import os
import subprocess
import tempfile
import time

from call_rates import file, recommend


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] / 1e3


def line(name, calls):
    late = sum(latency > 25_000 for _, latency in calls)
    latencies = [latency for _, latency in calls]
    print(f"{name:26} {len(calls):6} calls  p50 {share(latencies, .5):6.2f}  p99 {share(latencies, .99):7.2f}  "
          f"worst {max(latencies) / 1e3:7.1f} ms  {late} above 25 ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workspace")
    parser.add_argument("ids", nargs=2)
    parser.add_argument("--grpc", default="127.0.0.1:50051")
    parser.add_argument("--user", required=True)
    parser.add_argument("--rate", type=int, default=800)
    parser.add_argument("--swaps", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=8, help="from one swap to the next")
    arguments = parser.parse_args()
    body = file(recommend(arguments.user, 10))
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        load = subprocess.Popen(
            ["h2load", "-c", "8", "-m", "16", f"--rps={arguments.rate // 8}", f"--log-file={log}",
             "-D", str((arguments.swaps + 1) * arguments.seconds), "-d", body.name,
             "-H", "content-type: application/grpc", "-H", "te: trailers",
             f"http://{arguments.grpc}/engine.v1.Recommender/Recommend"], stdout=subprocess.DEVNULL)
        marks = []
        for n in range(arguments.swaps):
            time.sleep(arguments.seconds)
            current = os.path.join(arguments.workspace, "CURRENT")
            with open(current + ".next", "w") as stream:
                stream.write(arguments.ids[n % 2] + "\n")
            marks.append((time.time() * 1e6, arguments.ids[n % 2]))
            os.replace(current + ".next", current)
        load.wait()
        # Microseconds since 1970, HTTP status, microseconds.
        rows = [tuple(map(int, text.split())) for text in open(log)]
    calls = [(start, latency) for start, status, latency in rows if status == 200]
    print(f"{len(rows)} calls, {len(rows) - len(calls)} without status 200")
    line("before", [call for call in calls if call[0] < marks[0][0]])
    for start, snapshot in marks:
        line(snapshot, [call for call in calls if start <= call[0] < start + arguments.seconds * 1e6])


if __name__ == "__main__":
    main()
