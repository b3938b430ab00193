#!/usr/bin/env python3
"""The console: its first page with all that it loads, a step of the slider, and Recommend alone and while ten people use
the console. Milliseconds and microseconds, client included. Standard library only; the engine needs no key.

    dotnet run -c Release --project engine/Engine.Server -- serve --snapshots SNAPSHOTS --console console://127.0.0.1:8081 &
    python3 bench/console_latency.py --user C0000001 --product COF-00001 --pairs 5 --load dotnet artifacts/bin/Bench/release/Bench.dll

A step of the slider with its module asks nobody; measured is the step without scripts, which asks the server. A person
opens a page every --think seconds and takes the pages in turn; all of them share one process of their own. `bench load`
(--load, the command that starts it) sends --rate calls of Recommend a second, in windows with and without people in turn:
each pair has a ratio of the p99.
"""
import argparse
import http.client
import json
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import tempfile
import threading
import time


def get(connection, path):
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"GET {path}: {answer.status}; the engine must serve a snapshot and need no key")
    return body


def first_page(port):
    """A new connection, as a browser without anything kept: the page and its assets."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    start = time.perf_counter()
    page = get(connection, "/")
    size = len(page) + sum(len(get(connection, path)) for path in re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.decode()))
    return 1000 * (time.perf_counter() - start), size


def share(times, part):
    times = sorted(times)
    return times[min(len(times) - 1, int(len(times) * part))]


def person(port, number, paths, think, stop, times):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    visited = number
    while not stop.wait(think * (.5 + random.random())):
        start = time.perf_counter()
        get(connection, paths[visited % len(paths)])
        times.append(1000 * (time.perf_counter() - start))
        visited += 1


def people(arguments, paths, stop, said):
    times = []
    visitors = [threading.Thread(target=person, args=(arguments.console_port, n, paths, arguments.think, stop, times))
                for n in range(arguments.people)]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()
    said.put((len(times), statistics.median(times) if times else 0))


def recommend(arguments):
    """The p50 and p99 of Recommend in one window, in microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "load.json")
        subprocess.run(
            [*arguments.load, "load", "--target", f"http://127.0.0.1:{arguments.port}", "--protocol", "http",
             "--rate", str(arguments.rate), "--rounds", "1", "--warm-up", "2", "--duration", str(2 * arguments.seconds),
             "--out", out], check=True, stdout=subprocess.DEVNULL)
        with open(out) as file:
            latency = json.load(file)["slices"]["mix"]["latency_us"]
        return latency["p50"], latency["p99"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8080, help="of HTTP/JSON")
    parser.add_argument("--console-port", type=int, default=8081)
    parser.add_argument("--user", required=True, help="for the page of a customer")
    parser.add_argument("--product", required=True)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--think", type=float, default=3, help="seconds between two pages of a person, on average")
    parser.add_argument("--pairs", type=int, default=5, help="windows with people and without")
    parser.add_argument("--rate", type=float, default=500, help="calls of Recommend a second")
    parser.add_argument("--seconds", type=float, default=10, help="of each window")
    parser.add_argument("--load", nargs="+", default=[], help="the command of bench; without it, there are no windows")
    arguments = parser.parse_args()
    first = [first_page(arguments.console_port) for _ in range(21)]
    print(json.dumps({
        "first_page_cold_ms": round(first[0][0], 1),
        "first_page_p50_ms": round(share([ms for ms, _ in first[1:]], .5), 1),
        "first_page_max_ms": round(max(ms for ms, _ in first[1:]), 1),
        "first_page_bytes": first[0][1],
    }), flush=True)
    connection = http.client.HTTPConnection("127.0.0.1", arguments.console_port)
    push = f"/push?product={arguments.product}"
    get(connection, push)
    steps = []
    for cut in range(0, 256, 8):
        start = time.perf_counter()
        get(connection, f"{push}&cut={cut}")
        steps.append(1000 * (time.perf_counter() - start))
    print(json.dumps({
        "slider_step_p50_ms": round(share(steps, .5), 1), "slider_step_max_ms": round(max(steps), 1),
    }), flush=True)
    if not arguments.load:
        return
    paths = ["/", push, f"/goes-with?product={arguments.product}", f"/product?product={arguments.product}", "/pools",
             "/audiences", "/tasks", f"/customer?id={arguments.user}", "/training", "/traffic"]
    ratios = []
    for pair in range(arguments.pairs):
        # In turn first and last, so that a machine that gets slower favors neither.
        windows = {}
        for with_people in (pair % 2 == 0, pair % 2 == 1):
            stop, said = multiprocessing.Event(), multiprocessing.Queue()
            visitors = multiprocessing.Process(target=people, args=(arguments, paths, stop, said))
            if with_people:
                visitors.start()
            windows[with_people] = recommend(arguments)
            if with_people:
                stop.set()
                pages, page_ms = said.get()
                visitors.join()
        ratios.append(windows[True][1] / windows[False][1])
        print(json.dumps({
            "alone_us": dict(zip(("p50", "p99"), windows[False])), "with_people_us": dict(zip(("p50", "p99"), windows[True])),
            "p99_ratio": round(ratios[-1], 2), "pages": pages, "page_p50_ms": round(page_ms, 1), "load": os.getloadavg()[0],
        }), flush=True)
    print(json.dumps({
        "p99_ratio_median": round(statistics.median(ratios), 2),
        "p99_ratio_least": round(min(ratios), 2), "p99_ratio_most": round(max(ratios), 2),
    }))


if __name__ == "__main__":
    main()
