#!/usr/bin/env python3
"""The console: its first page with all that it loads, a step of the slider, and POST /v1/recommend alone and while ten
people use the console. Milliseconds and microseconds, client included. Standard library only; the engine needs no key.

    dotnet run -c Release --project engine/Engine.Server -- serve --snapshots SNAPSHOTS --console console://127.0.0.1:8081 &
    python3 bench/console_latency.py --user-format 'C{:07d}' --users 240 --product COF-00001

A step of the slider with its module asks nobody; measured is the step without scripts, which asks the server. A person
opens a page every --think seconds and takes the pages in turn. They run in processes of their own.
"""
import argparse
import http.client
import json
import multiprocessing
import random
import re
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


def person(port, number, paths, think, stop, pages):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    visited = number
    while not stop.wait(think * (.5 + random.random())):
        get(connection, paths[visited % len(paths)])
        visited += 1
        with pages.get_lock():
            pages.value += 1


def recommend(connection, arguments):
    times = []
    end = time.perf_counter() + arguments.seconds
    while time.perf_counter() < end:
        user = arguments.user_format.format(random.randrange(1, arguments.users))
        body = json.dumps({"user_id": user, "top_k": 10, "on_unknown": "ON_UNKNOWN_USER_EMPTY"})
        start = time.perf_counter_ns()
        connection.request("POST", "/v1/recommend", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        times.append((time.perf_counter_ns() - start) / 1000)
        if answer.status != 200:
            raise SystemExit(f"POST /v1/recommend: {answer.status} {text[:300]!r}")
    return {"calls": len(times), "p50_us": round(share(times, .5)), "p99_us": round(share(times, .99))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8080, help="of HTTP/JSON")
    parser.add_argument("--console-port", type=int, default=8081)
    parser.add_argument("--user-format", required=True)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--product", required=True)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--think", type=float, default=3, help="seconds between two pages of a person, on average")
    parser.add_argument("--seconds", type=float, default=20, help="of each window")
    arguments = parser.parse_args()
    first = [first_page(arguments.console_port) for _ in range(21)]
    print(json.dumps({
        "first_page_cold_ms": round(first[0][0], 1),
        "first_page_p50_ms": round(share([ms for ms, _ in first[1:]], .5), 1),
        "first_page_bytes": first[0][1],
    }))
    connection = http.client.HTTPConnection("127.0.0.1", arguments.console_port)
    push = f"/push?product={arguments.product}"
    get(connection, push)
    steps = []
    for cut in range(0, 256, 8):
        start = time.perf_counter()
        get(connection, f"{push}&cut={cut}")
        steps.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"slider_step_p50_ms": round(share(steps, .5), 1), "slider_step_max_ms": round(max(steps), 1)}))
    engine = http.client.HTTPConnection("127.0.0.1", arguments.port)
    paths = ["/", push, f"/goes-with?product={arguments.product}", f"/product?product={arguments.product}", "/pools",
             "/audiences", "/tasks", "/customer?id=" + arguments.user_format.format(1), "/training", "/traffic"]
    recommend(engine, arguments)
    print("alone      ", json.dumps(alone := recommend(engine, arguments)))
    stop, pages = multiprocessing.Event(), multiprocessing.Value("i", 0)
    people = [multiprocessing.Process(target=person, args=(arguments.console_port, n, paths, arguments.think, stop, pages))
              for n in range(arguments.people)]
    for one in people:
        one.start()
    beside = recommend(engine, arguments)
    stop.set()
    for one in people:
        one.join()
    print("with people", json.dumps(beside | {"pages": pages.value}))
    print("alone again", json.dumps(again := recommend(engine, arguments)))
    base = (alone["p99_us"] + again["p99_us"]) / 2
    print(json.dumps({"p99_rise_percent": round(100 * (beside["p99_us"] / base - 1), 1)}))


if __name__ == "__main__":
    main()
