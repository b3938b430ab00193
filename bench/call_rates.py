#!/usr/bin/env python3
"""Rates of Recommend against an empty call of the same server, with h2load (Debian's nghttp2-client): rounds of short
runs in turns, so that every ratio is of neighbors in time. Medians, spread and ratios, client included.

    dotnet run -c Release --project engine/Engine.Server -- serve --snapshots SNAPSHOTS &
    python3 bench/call_rates.py --user u0012345 --rounds 7

What a key costs: two engines of its own over the same snapshots, one of which wants a key, asked in turns.

    python3 bench/call_rates.py --keys --engine PROGRAM --snapshots SNAPSHOTS --user u0012345 --rounds 7
"""
import argparse
import contextlib
import json
import re
import statistics
import subprocess
import tempfile


def varint(value):
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def recommend(user, top):
    """RecommendRequest: user_id is field 3, top_k is field 5 (protos/engine/v1/recommender.proto)."""
    message = b"\x1a" + varint(len(user)) + user.encode() + b"\x28" + varint(top)
    return b"\x00" + len(message).to_bytes(4, "big") + message


def file(content):
    kept = tempfile.NamedTemporaryFile()
    kept.write(content)
    kept.flush()
    return kept


def run(url, extra, clients, streams, calls):
    text = subprocess.run(
        ["h2load", "-c", str(clients), "-m", str(streams), "-n", str(calls), *extra, url],
        capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"([\d.]+) req/s", text).group(1))
    done = int(re.search(r"status codes: (\d+) 2xx", text).group(1))
    data = int(re.search(r"\((\d+)\) data", text).group(1))
    # A gRPC error is a 200 without data.
    if done != calls or data < 5 * calls:
        raise SystemExit(f"{url}: {done} of {calls} calls answered, {data} bytes\n{text}")
    return rate


def kinds(arguments, grpc_at, http_at, key):
    """Name, URL and what h2load is told of each kind of call."""
    bearer = ["-H", f"authorization: Bearer {key}"] if key else []
    grpc = ["-H", "content-type: application/grpc", "-H", "te: trailers", *bearer]
    empty, ten, hundred, body = arguments.bodies
    health = f"http://{grpc_at}/grpc.health.v1.Health/Check"
    call = f"http://{grpc_at}/engine.v1.Recommender/Recommend"
    post = ["--h1", "-H", "content-type: application/json", *bearer]
    n = arguments.calls
    return {
        "empty": (health, [*grpc, "-d", empty.name], 8, 16, n),
        "top 10": (call, [*grpc, "-d", ten.name], 8, 16, n),
        "top 100": (call, [*grpc, "-d", hundred.name], 8, 16, n // 2),
        # h2load pipelines GET over HTTP/1.1, 16 to a packet, but not POST: one request at a time makes them comparable.
        "GET /health": (f"http://{http_at}/health", ["--h1", *bearer], 64, 1, n // 2),
        "GET blocked": (f"http://{http_at}/v1/blocked", ["--h1", *bearer], 64, 1, n // 2),
        "JSON top 10": (f"http://{http_at}/v1/recommend", [*post, "-d", body.name], 64, 1, n // 2),
        "one empty": (health, [*grpc, "-d", empty.name], 1, 1, n // 8),
        "one top 10": (call, [*grpc, "-d", ten.name], 1, 1, n // 8),
    }


@contextlib.contextmanager
def with_keys(arguments):
    """The same kinds of an engine without and of one with a key, next to each other. Health is what wants no key."""
    from first_calls import Engine  # It needs this file, too.
    with tempfile.TemporaryDirectory() as folder:
        keys = ["--keys", f"{folder}/keys.json"]
        made = subprocess.run(
            [arguments.engine, "key", "add", "--snapshots", arguments.snapshots, *keys, "--name", "bench", "--scopes",
             "read", "catalog", "--json"], stdout=subprocess.PIPE, text=True, check=True).stdout
        limits = ["--cheap-per-second", "1000000", "--cheap-at-once", "100000"]
        with Engine(arguments) as plain, Engine(arguments, *keys, *limits) as keyed:
            ways = [kinds(arguments, f"127.0.0.1:{engine.grpc}", f"127.0.0.1:{engine.http}", given)
                    for engine, given in ((plain, ""), (keyed, json.loads(made)["key"]))]
            yield {f"{name}{way}": ways[i][name] for name in ways[0] for i, way in enumerate(("", ", key"))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--grpc", default="127.0.0.1:50051")
    parser.add_argument("--http", default="127.0.0.1:8080")
    parser.add_argument("--user", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=40000)
    parser.add_argument("--key", default="", help="an API key, when the server wants one")
    parser.add_argument("--keys", action="store_true", help="what a key costs; with --engine and --snapshots")
    parser.add_argument("--engine", help="the program")
    parser.add_argument("--snapshots", help="the root of its snapshots, without keys of their own")
    arguments = parser.parse_args()
    if arguments.keys and not (arguments.engine and arguments.snapshots):
        parser.error("--keys needs --engine and --snapshots")

    arguments.bodies = [
        file(bytes(5)), file(recommend(arguments.user, 10)), file(recommend(arguments.user, 100)),
        file(f'{{"user_id":"{arguments.user}","top_k":10}}'.encode())]
    with with_keys(arguments) if arguments.keys else contextlib.nullcontext(
            kinds(arguments, arguments.grpc, arguments.http, arguments.key)) as measured:
        measure(measured, arguments.rounds)


def measure(measured, rounds):
    against = {"top 10": "empty", "top 100": "empty", "JSON top 10": "GET blocked", "one top 10": "one empty"}
    for of in measured.values():
        run(*of)
    rates = {name: [] for name in measured}
    for _ in range(rounds):
        for name, of in measured.items():
            rates[name].append(run(*of))
    for name, seen in rates.items():
        line = f"{name:16} {statistics.median(seen):9,.0f}/s  ({min(seen):,.0f} to {max(seen):,.0f})"
        kind, _, key = name.partition(",")
        bases = [kind] if key else [against.get(name), "GET /health" if name.startswith("JSON") else None]
        for base in filter(None, bases):
            ratios = sorted(a / b for a, b in zip(seen, rates[base]))
            line += f"   {statistics.median(ratios):.2f} of {base} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(line)


if __name__ == "__main__":
    main()
