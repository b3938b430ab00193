#!/usr/bin/env python3
"""What the first call of each kind takes after a start, over gRPC and over JSON, beside the median of the calls after it.
The engine is started anew for each round and protocol, and asked when /readyz says ok. Calls come one after the other over
one kept connection, in the order of the table. Client included; standard library only.

    python3 bench/first_calls.py --engine artifacts/bin/Engine.Server/release/Engine.Server --snapshots snapshots \\
        --user C0000001 --product P1 --rule "price < 50" --rounds 3
"""
import argparse
import http.client
import json
import socket
import statistics
import subprocess
import time

from call_rates import varint

AFTER = 30


def text(field, value):
    return varint(field << 3 | 2) + varint(len(value.encode())) + value.encode()


def message(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def number(field, value):
    return varint(field << 3) + varint(value)


def kinds(arguments):
    """Name, JSON path and body, gRPC method and message (protos/engine/v1)."""
    user, product, rule = arguments.user, arguments.product, arguments.rule
    return [
        # What the framework and a new connection cost.
        ("empty", "/readyz", None, "/grpc.health.v1.Health/Check", b""),
        ("recommend", "/v1/recommend", {"user_id": user}, "Recommend", text(3, user)),
        ("unknown user", "/v1/recommend", {"user_id": "nobody", "on_unknown": "ON_UNKNOWN_USER_POPULAR_IN_POOL"},
         "Recommend", text(3, "nobody") + number(9, 3)),
        ("basket", "/v1/recommend", {"recent": [{"product_id": product}]}, "Recommend", message(4, text(1, product))),
        ("pool rule", "/v1/recommend", {"user_id": user, "pool": {"rule": rule}},
         "Recommend", text(3, user) + message(6, text(4, rule))),
        ("explain", "/v1/recommend", {"user_id": user, "explain": True}, "Recommend", text(3, user) + number(10, 1)),
        ("related", "/v1/related-products", {"product_id": product}, "RelatedProducts", text(3, product)),
        ("rank users", "/v1/rank-users", {"product_id": product}, "RankUsers", text(3, product)),
        ("score", "/v1/score", {"user_ids": [user], "product_ids": [product]}, "Score",
         text(3, user) + text(4, product)),
        ("tag values", "/v1/rank-tag-values", {"user_id": user, "tag": arguments.tag}, "RankTagValues",
         text(3, user) + text(5, arguments.tag)),
        ("placement", "/v1/recommend-placement", {"user_id": user, "placement": "first"}, "RecommendPlacement",
         text(5, user) + text(3, "first")),
        ("page", "/v1/recommend-page", {"user_id": user, "placements": ["first"]}, "RecommendPage",
         text(4, user) + text(3, "first")),
        ("unknown product", "/v1/related-products", {"product_id": "nothing"}, "RelatedProducts", text(3, "nothing")),
    ]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Engine:
    def __init__(self, arguments, *options):
        self.grpc, self.http = free_port(), free_port()
        self.start = time.perf_counter()
        self.process = subprocess.Popen(
            [arguments.engine, "serve", "--snapshots", arguments.snapshots, "--urls",
             f"grpc://127.0.0.1:{self.grpc};http://127.0.0.1:{self.http}", *options], stdout=subprocess.DEVNULL)
        while not self.is_ready():
            time.sleep(.01)
        self.ready = time.perf_counter() - self.start

    def is_ready(self):
        if self.process.poll() is not None:
            raise SystemExit("the engine has ended")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=5)
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def over_json(engine, asked):
    connection = http.client.HTTPConnection("127.0.0.1", engine.http)
    connection.connect()
    for name, path, body, _, _ in asked:
        seen = []
        for _ in range(1 + AFTER):
            start = time.perf_counter()
            if body is None:
                connection.request("GET", path)
            else:
                connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            seen.append((time.perf_counter() - start) * 1e3)
            status = answer.status
        yield name, seen, status


class Http2:
    """Just enough of HTTP/2 for one gRPC call after the other: headers are sent without compression, and not read."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream, self.data = -1, b""
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + self.frame(4, 0, 0, b"")
                            + self.frame(8, 0, 0, (1 << 30).to_bytes(4, "big")))

    @staticmethod
    def frame(kind, flags, stream, payload):
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    def read(self, count):
        while len(self.data) < count:
            got = self.socket.recv(1 << 16)
            if not got:
                raise SystemExit("the engine closed the connection")
            self.data += got
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def call(self, path, body):
        """The bytes of the reply; 0 when the call failed."""
        self.stream += 2
        headers = b"".join(
            b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value
            for name, value in ((b":method", b"POST"), (b":scheme", b"http"), (b":path", path.encode()),
                                (b":authority", b"localhost"), (b"content-type", b"application/grpc"),
                                (b"te", b"trailers")))
        self.socket.sendall(self.frame(1, 4, self.stream, headers) + self.frame(0, 1, self.stream, body))
        size = 0
        while True:
            head = self.read(9)
            payload = self.read(int.from_bytes(head[:3], "big"))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            if kind in (4, 6) and not flags & 1:
                self.socket.sendall(self.frame(kind, 1, 0, payload if kind == 6 else b""))
            elif stream == self.stream and kind == 3:
                raise SystemExit(f"{path}: the stream was reset")
            elif stream == self.stream and kind in (0, 1):
                size += len(payload) if kind == 0 else 0
                if flags & 1:
                    return size


def over_grpc(engine, asked):
    connection = Http2(engine.grpc)
    for name, _, _, method, request in asked:
        body = b"\x00" + len(request).to_bytes(4, "big") + request
        seen = []
        for _ in range(1 + AFTER):
            start = time.perf_counter()
            size = connection.call(
                method if method.startswith("/") else f"/engine.v1.Recommender/{method}", body)
            seen.append((time.perf_counter() - start) * 1e3)
        yield name, seen, "OK" if size else "no reply"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", required=True, help="the built program")
    parser.add_argument("--snapshots", required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--product", required=True)
    parser.add_argument("--rule", required=True, help="over the tags of the snapshot")
    parser.add_argument("--tag", required=True, help="a text tag")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    asked = kinds(arguments)
    with Engine(arguments) as engine:
        connection = http.client.HTTPConnection("127.0.0.1", engine.http)
        connection.request("POST", "/v1/placements", json.dumps({"placement": {"name": "first", "top_k": 5}}),
                           {"Content-Type": "application/json"})
        saved = connection.getresponse()
        if saved.status != 200:
            raise SystemExit(f"cannot save a placement: {saved.read().decode()}")
    ready = []
    for protocol, ask in (("gRPC", over_grpc), ("JSON", over_json)):
        first, after, statuses = {}, {}, {}
        for _ in range(arguments.rounds):
            with Engine(arguments) as engine:
                ready.append(engine.ready)
                for name, seen, status in ask(engine, asked):
                    first.setdefault(name, []).append(seen[0])
                    after.setdefault(name, []).extend(seen[1:])
                    statuses[name] = status
        print(f"{protocol:18} first call, ms (all rounds)    later calls, median ms")
        for name in first:
            print(f"  {name:16} {statistics.median(first[name]):8.2f}  ({', '.join(f'{one:.2f}' for one in first[name])})"
                  f"   {statistics.median(after[name]):8.2f}   status {statuses[name]}")
    print(f"ready after {statistics.median(ready):.2f} s ({min(ready):.2f} to {max(ready):.2f})")


if __name__ == "__main__":
    main()
