#!/usr/bin/env python3
"""Rates of Recommend against an empty call of the same server, with h2load (Debian's nghttp2-client): rounds of short
runs in turns, so that every ratio is of neighbors in time. Medians, spread and ratios, client included.

    dotnet run -c Release --project engine/Engine.Server -- serve --snapshots SNAPSHOTS &
    python3 bench/call_rates.py --user u0012345 --rounds 7
"""
import argparse
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


def run(arguments, url, extra, clients, streams, calls):
    key = ["-H", f"authorization: Bearer {arguments.key}"] if arguments.key else []
    text = subprocess.run(
        ["h2load", "-c", str(clients), "-m", str(streams), "-n", str(calls), *extra, *key, url],
        capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"([\d.]+) req/s", text).group(1))
    done = int(re.search(r"status codes: (\d+) 2xx", text).group(1))
    data = int(re.search(r"\((\d+)\) data", text).group(1))
    # A gRPC error is a 200 without data.
    if done != calls or data < 5 * calls:
        raise SystemExit(f"{url}: {done} of {calls} calls answered, {data} bytes\n{text}")
    return rate


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--grpc", default="127.0.0.1:50051")
    parser.add_argument("--http", default="127.0.0.1:8080")
    parser.add_argument("--user", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=40000)
    parser.add_argument("--key", default="", help="an API key, when the server wants one")
    arguments = parser.parse_args()

    grpc = ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    empty, ten, hundred = file(bytes(5)), file(recommend(arguments.user, 10)), file(recommend(arguments.user, 100))
    body = file(f'{{"user_id":"{arguments.user}","top_k":10}}'.encode())
    health = f"http://{arguments.grpc}/grpc.health.v1.Health/Check"
    call = f"http://{arguments.grpc}/engine.v1.Recommender/Recommend"
    json = ["--h1", "-H", "content-type: application/json"]
    n = arguments.calls
    kinds = {
        "empty": (health, [*grpc, "-d", empty.name], 8, 16, n),
        "top 10": (call, [*grpc, "-d", ten.name], 8, 16, n),
        "top 100": (call, [*grpc, "-d", hundred.name], 8, 16, n // 2),
        # h2load pipelines GET over HTTP/1.1, 16 to a packet, but not POST: one request at a time makes them comparable.
        "GET /health": (f"http://{arguments.http}/health", ["--h1"], 64, 1, n // 2),
        "GET blocked": (f"http://{arguments.http}/v1/blocked", ["--h1"], 64, 1, n // 2),
        "JSON top 10": (f"http://{arguments.http}/v1/recommend", [*json, "-d", body.name], 64, 1, n // 2),
        "one empty": (health, [*grpc, "-d", empty.name], 1, 1, n // 8),
        "one top 10": (call, [*grpc, "-d", ten.name], 1, 1, n // 8),
    }
    against = {"top 10": "empty", "top 100": "empty", "JSON top 10": "GET blocked", "one top 10": "one empty"}
    for of in kinds.values():
        run(arguments, *of)
    rates = {name: [] for name in kinds}
    for _ in range(arguments.rounds):
        for name, of in kinds.items():
            rates[name].append(run(arguments, *of))
    for name, seen in rates.items():
        line = f"{name:12} {statistics.median(seen):9,.0f}/s  ({min(seen):,.0f} to {max(seen):,.0f})"
        for base in [against.get(name), "GET /health" if name.startswith("JSON") else None]:
            if base:
                ratios = sorted(a / b for a, b in zip(seen, rates[base]))
                line += f"   {statistics.median(ratios):.2f} of {base} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(line)


if __name__ == "__main__":
    main()
