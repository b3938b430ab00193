#!/usr/bin/env python3
"""Online latency with and without a task beside it: one closed loop of POST /v1/recommend over one kept HTTP/1.1
connection, first alone, then while a task of every user x every product runs (or of a saved audience). Percentiles of the two windows, in
microseconds, client included. Standard library only.

    dotnet run -c Release --project engine/Engine.Server -- serve --snapshots SNAPSHOTS &
    python3 bench/online_latency.py --user-format 'C{:07d}-0' --users 100000 --seconds 20 --top 100
"""
import argparse
import http.client
import json
import random
import time


def call(connection, method, path, body=None):
    connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
    return json.loads(text)


def window(connection, arguments, seconds):
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        user = arguments.user_format.format(random.randrange(arguments.users))
        body = {"user_id": user, "top_k": 10, "on_unknown": "ON_UNKNOWN_USER_EMPTY"}
        start = time.perf_counter_ns()
        call(connection, "POST", "/v1/recommend", body)
        times.append((time.perf_counter_ns() - start) / 1000)
    times.sort()
    share = lambda part: times[min(len(times) - 1, int(len(times) * part))]
    return {"calls": len(times), "p50_us": round(share(.5)), "p90_us": round(share(.9)), "p99_us": round(share(.99)), "p999_us": round(share(.999))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--user-format", required=True)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--top", type=int, default=100)
    parser.add_argument("--audience", default="", help="a saved audience; every user if not given")
    arguments = parser.parse_args()
    connection = http.client.HTTPConnection("127.0.0.1", arguments.port)
    window(connection, arguments, 5)
    print("alone      ", json.dumps(window(connection, arguments, arguments.seconds)))
    task = call(connection, "POST", "/v1/tasks", {"top_k": arguments.top, "audience": arguments.audience})["taskId"]
    while call(connection, "GET", f"/v1/tasks/{task}")["state"] == "TASK_STATE_QUEUED":
        time.sleep(.05)
    print("with a task", json.dumps(window(connection, arguments, arguments.seconds)))
    left = call(connection, "GET", f"/v1/tasks/{task}")
    print(f"the task is {left['state']} at {left.get('progress', 0):.0%}, {left.get('rowCount', '0')} rows")
    if left["state"] == "TASK_STATE_RUNNING":
        call(connection, "POST", f"/v1/tasks/{task}:cancel", {})
    print("alone again", json.dumps(window(connection, arguments, arguments.seconds)))


main()
