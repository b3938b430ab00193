"""What an engine keeps of one kind of call that is repeated: bytes after a full collection, mappings, open files, threads.

usage: /usr/bin/python3 bench/Attacks/repeat.py --engine artifacts/bin/Engine.Server/release/Engine.Server.dll --snapshots ROOT [KIND ...]

ROOT has two published snapshots; it is copied. Each kind prints one line of JSON. The program fails when a kind keeps more than
some bytes a call in the later half of its batches. It needs Debian's python3-grpcio.
"""
import argparse, copy, hashlib, http.client, json, os, pathlib, random, re, shutil, signal, socket, struct, sys, tempfile
import threading

import grpc

import heap, soak

KEPT = 64  # bytes a call of a kind that should keep nothing
KEEPS = {"events": 400, "forgotten": 400}  # bytes a call: in memory until the next training; a line in a list of people
POPULAR = {"on_unknown": "ON_UNKNOWN_USER_POPULAR_IN_POOL"}
MISTAKES = [
    {"top_k": 10**9}, {"user_ids": 5}, {"rule": "("}, "{", {"pool": {"pool": "none"}}, {"user_id": "x" * 20_000}, {"workspace": "none"}]


class Repeat:
    def __init__(self, options, root):
        self.root, self.batches = root, options.batches
        self.ids = sorted(path.stem for path in (root / "default").glob("*.snapshot"))[:2]
        scopes = [*soak.SCOPES, "events"]
        made = soak.command(options.engine, "key", "add", "--snapshots", root, "--name", "repeat", "--workspaces", "*", "--scopes", *scopes)
        self.key = re.search(r"\S{40,}", made).group(0)
        self.engine = soak.Engine(options.engine, root, self.key)
        self.pid = self.engine.process.pid
        self.port = int(self.engine.url.rsplit(":", 1)[1])
        text = pathlib.Path(self.engine.log.name).read_text()
        self.target = re.search(r"gRPC\s+http://(\S+)", text).group(1)
        self.channel = grpc.insecure_channel(self.target)
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        self.of_thread = threading.local()
        self.ask("/v1/placements", {"placement": {"name": "shown", "top_k": 3}})

    # One connection a thread, opened again when the engine has closed it.
    def call(self, path, body=None, method=None, headers=None, is_fresh=False):
        method = method or ("GET" if body is None else "POST")
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        for tried in range(2):
            connection = None if is_fresh else getattr(self.of_thread, "connection", None)
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.of_thread.connection = None if is_fresh else connection
            try:
                connection.request(method, path, content, headers or self.headers)
                with connection.getresponse() as reply:
                    status, content = reply.status, reply.read()
                connection.close() if is_fresh else None
                return status, content
            except (http.client.HTTPException, OSError):
                self.of_thread.connection = None
                if tried:
                    raise

    def ask(self, path, body=None, method=None, **how):
        status, reply = self.call(path, body, method, **how)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {reply[:300]!r}")
        return json.loads(reply) if reply[:1] == b"{" else reply

    def wait(self, condition):
        if soak.durability.until(condition, 30) is None:
            raise RuntimeError("waited 30 s for what should come at once")

    def user(self, i):
        return f"C{1 + i % 390:07}"

    def product(self, i):
        return f"COF-{1 + i % 5:05}"

    def name(self, i):
        return f"n{i}-{random.randrange(10**9)}"

    def other(self):
        return next(one["snapshotId"] for one in self.ask("/v1/snapshots")["snapshots"] if not one.get("active"))

    # The kinds: each is called with a number of its own.
    def recommend(self, i, **how):
        self.ask("/v1/recommend", {"user_id": self.user(i), "top_k": 10, **POPULAR}, **how)

    def connection(self, i):
        self.recommend(i, is_fresh=True)

    def unknown(self, i):
        name = self.name(i)
        self.ask("/v1/recommend", {"user_id": name, **POPULAR}, headers={**self.headers, "x-request-id": name})

    def mistake(self, i):
        self.call("/v1/recommend", MISTAKES[i % len(MISTAKES)])

    def no_route(self, i):
        self.call(f"/v1/{self.name(i)}", method=["GET", "POST", "PUT", f"M{i}"][i % 4])

    def wrong_key(self, i):
        self.call("/v1/recommend", {"user_id": self.user(i)}, headers={**self.headers, "Authorization": f"Bearer {self.name(i)}"})

    def rule(self, i):
        self.ask("/v1/recommend", {"user_id": self.user(i), "pool": {"rule": f"price < {i + 1}.5"}, **POPULAR})

    def light(self, i):
        user, product = self.user(i), self.product(i)
        self.call("/v1/related-products", {"product_id": product, "top_k": 5})
        self.call("/v1/score", {"user_ids": [user], "product_ids": [product]})
        self.call("/v1/explain", {"user_id": user, "product_ids": [product]})
        self.call("/v1/next-order", {"user_ids": [user]})
        self.call("/v1/rank-tag-values", {"user_id": user, "tag": "category"})

    def heavy(self, i):
        self.call("/v1/rank-users", {"product_id": self.product(i), "top_k": 1000})
        self.call("/v1/estimate-audience", {"product_id": self.product(i)})
        self.call("/v1/recommend-for-audience", {"top_k": 20})
        self.call("/v1/sum-audience", {"top_k": 5})
        self.call("/v1/pools:preview", {"rule": " or ".join(f"product_name contains '{i:05x}{k}'" for k in range(50))})

    def pool_again(self, i):
        self.ask("/v1/pools", {"name": "again", "rule": f"price < {i + 1}"})
        self.ask("/v1/recommend", {"user_id": self.user(i), "pool": {"pool": "again"}, **POPULAR})

    def pool(self, i):
        name = self.name(i)
        self.ask("/v1/pools", {"name": name, "rule": f"price < {i + 1}"})
        self.ask("/v1/recommend", {"user_id": self.user(i), "pool": {"pool": name}, **POPULAR})
        self.ask(f"/v1/pools/{name}", method="DELETE")

    def pool_of_another(self, i):
        name = self.name(i)
        path = self.root / "default" / "pools" / f"{hashlib.sha256(name.encode()).hexdigest()}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"name": name, "rule": f"price < {i + 1}", "productIds": [], "version": 1}))
        self.ask("/v1/recommend", {"user_id": self.user(i), "pool": {"pool": name}, **POPULAR})
        path.unlink()
        self.ask("/v1/pools") if i % 50 == 0 else None  # as the engine does each half minute

    def block(self, i):
        self.ask("/v1/blocked", {"unblock" if i % 2 else "block": [f"K-{i // 2 % 50}"]})
        self.recommend(i)

    def audience(self, i):
        name = self.name(i)
        self.ask("/v1/audiences", {"name": name, "user_ids": [self.user(k) for k in range(50)]})
        self.ask(f"/v1/audiences/{name}/export")
        self.ask(f"/v1/audiences/{name}", method="DELETE")

    def placement(self, i):
        name = self.name(i)
        self.ask("/v1/placements", {"placement": {"name": name, "top_k": 3}})
        self.ask("/v1/recommend-page", {"placements": [name], "user_id": self.user(i)})
        self.ask(f"/v1/placements/{name}", method="DELETE")

    def experiment(self, i):
        name = self.name(i)
        arms = [{"name": arm, "share": 0.5, "placement": "shown"} for arm in "ab"]
        self.ask("/v1/experiments", {"experiment": {"name": name, "arms": arms}})
        self.ask(f"/v1/experiments/{name}", method="DELETE")

    def task(self, i, snapshot="", is_canceled=False):
        task = "/v1/tasks/" + self.ask("/v1/tasks", {"top_k": 5, "snapshot_id": snapshot})["taskId"]
        self.call(f"{task}:cancel", {}) if is_canceled else None
        self.wait(lambda: is_canceled or self.ask(task)["state"].endswith("SUCCEEDED"))
        self.wait(lambda: self.call(task, method="DELETE")[0] == 200)

    def task_of_named(self, i):
        self.task(i, self.other())

    def task_canceled(self, i):
        self.task(i, is_canceled=True)

    def named(self, i):
        self.ask("/v1/recommend", {"user_id": self.user(i), "snapshot_id": self.other(), **POPULAR})

    def swap(self, i):
        self.ask("/v1/snapshots:activate", {"snapshot_id": self.ids[i % 2]})
        self.recommend(i)

    def validate(self, i):
        self.ask("/v1/snapshots:activate", {"snapshot_id": self.other(), "validate_only": True})

    def describe(self, i):
        self.ask(f"/v1/snapshots:describe?snapshot_id={self.other()}")
        self.ask(f"/v1/snapshots:diff?before={self.ids[0]}&after={self.ids[1]}")

    # Another key in place of the one before, by the file: the engine reads it twice a second.
    def key_life(self, i):
        path = self.root / ".access" / "keys.json"
        keys = json.loads(path.read_text())["keys"][:1]
        guest, secret = copy.deepcopy(keys[0]), hashlib.sha256(self.name(i).encode()).hexdigest()[:43]
        guest.update(id=secret[:len(guest["id"])], name=self.name(i), hash=hashlib.sha256(secret.encode()).hexdigest())
        written = path.with_suffix(".new")
        written.write_text(json.dumps({"keys": [*keys, guest]}))
        written.chmod(0o600)
        written.replace(path)
        prefix = self.key[:self.key.index(keys[0]["id"])]
        headers = {**self.headers, "Authorization": f"Bearer {prefix}{guest['id']}_{secret}"}
        self.wait(lambda: self.call("/v1/recommend", {"user_id": self.user(i), **POPULAR}, headers=headers)[0] == 200)

    def events(self, i):
        event = {"user_id": self.user(i), "product_id": self.product(i), "type": "EVENT_TYPE_VIEW", "time": "2025-07-01T10:00:00"}
        self.ask("/v1/events", {"batch_id": self.name(i), "events": [event]})

    def forgotten(self, i):
        self.ask("/v1/users:forget", {"user_id": self.name(i)})

    def monitoring(self, i):
        for path in ("/metrics", "/health", "/v1/traffic", "/v1/keys", "/v1/audit?page_size=5"):
            self.call(path)

    # A heavy call whose caller leaves, with half of its body or all of it.
    def aborted(self, i):
        body = json.dumps({"rule": " or ".join(f"product_name contains '{i:05x}{k}'" for k in range(300))})
        headers = {**self.headers, "Host": "127.0.0.1", "Content-Length": len(body)}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(f"POST /v1/pools:preview HTTP/1.1\r\n{head}\r\n{body if i % 2 else body[:100]}".encode())
            if i % 3 == 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def stream(self, method, kind, request):
        open_stream = getattr(self.channel, kind)(method, request_serializer=bytes, response_deserializer=bytes)
        return open_stream(request, metadata=[("authorization", f"Bearer {self.key}")])

    def watch(self, i):
        stream = self.stream("/grpc.health.v1.Health/Watch", "unary_stream", b"")
        next(stream)
        stream.cancel()

    def rank_users(self, i):
        product = self.product(i).encode()
        # product_id and top_k = 1000
        request = bytes([0x1A, len(product)]) + product + b"\x20\xE8\x07"
        stream = self.stream("/engine.v1.Recommender/RankUsers", "unary_stream", request)
        next(stream)
        stream.cancel() if i % 2 else list(stream)

    def batch(self, i):
        user, is_read = self.user(i).encode(), threading.Event()

        def requests():
            yield bytes([0x1A, len(user)]) + user
            is_read.wait(5)

        stream = self.stream("/engine.v1.Recommender/BatchRecommend", "stream_stream", requests())
        next(stream)
        stream.cancel() if i % 2 else None
        is_read.set()
        list(stream) if not i % 2 else None

    def grpc_connection(self, i):
        with grpc.insecure_channel(self.target, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            channel.unary_unary("/grpc.health.v1.Health/Check", request_serializer=bytes, response_deserializer=bytes)(b"")

    # Calls of a batch, and threads that make them.
    KINDS = {
        recommend: (6000, 2), connection: (2000, 2), unknown: (4000, 2), mistake: (3000, 2), no_route: (3000, 2), wrong_key: (3000, 2),
        rule: (1500, 2), light: (400, 2), heavy: (100, 2), pool_again: (200, 1), pool: (200, 1), pool_of_another: (1000, 1),
        block: (200, 1), audience: (150, 1), placement: (150, 1), experiment: (200, 1), task: (150, 1), task_of_named: (150, 1),
        task_canceled: (150, 1), named: (1000, 2), swap: (60, 1), validate: (40, 1), describe: (60, 1), key_life: (40, 1),
        events: (2000, 2), forgotten: (60, 1), monitoring: (200, 1), aborted: (500, 2), watch: (500, 1), rank_users: (500, 1),
        batch: (400, 1), grpc_connection: (200, 1)}

    def measure(self):
        # Twice: what a finalizer frees goes with the second one.
        heap.collect(self.pid)
        heap.collect(self.pid)
        sizes = heap.sizes(self.ask("/metrics").decode(), self.pid)
        maps = pathlib.Path(f"/proc/{self.pid}/maps").read_text().splitlines()
        counts = len(maps), sum(".snapshot" in line or ".partial" in line for line in maps)
        return (*sizes, *counts, *(len(os.listdir(f"/proc/{self.pid}/{what}")) for what in ("fd", "task")))

    def run_batch(self, kind, calls, threads, first):
        numbers, errors = iter(range(first, first + calls)), []

        def work():
            for i in numbers:
                try:
                    kind(self, i)
                except Exception as error:
                    errors.append(f"{type(error).__name__} {error}")
                    if len(errors) > 5:
                        return

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if errors:
            raise RuntimeError(f"{kind.__name__}: {errors[:3]}")

    def run(self, kind):
        calls, threads = self.KINDS[kind]
        self.run_batch(kind, calls // 4, threads, 0)
        found = [self.measure()]
        for number in range(1, self.batches + 1):
            self.run_batch(kind, calls, threads, number * calls)
            found.append(self.measure())
        kept = lambda column: [round((after[column] - before[column]) / calls) for before, after in zip(found, found[1:])]
        later = kept(0)[self.batches // 2:]
        is_ok = min(later) <= KEEPS.get(kind.__name__, KEPT)
        print(json.dumps({
            "kind": kind.__name__, "ok": is_ok, "calls": self.batches * calls, "heap_bytes_a_call": kept(0), "native_bytes_a_call": kept(1),
            "heap_mib": [round(one[0] / (1 << 20), 2) for one in (found[0], found[-1])],
            **{what: [found[0][column], found[-1][column]]
               for column, what in enumerate(("mappings", "mapped_snapshots", "open_files", "threads"), 2)}}), flush=True)
        return is_ok


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--engine", required=True)
    options.add_argument("--snapshots", required=True)
    options.add_argument("--batches", type=int, default=5)
    options.add_argument("kinds", nargs="*")
    options = options.parse_args()
    os.environ.update(soak.UNLIMITED)
    with tempfile.TemporaryDirectory() as work:
        root = pathlib.Path(work, "root")
        shutil.copytree(options.snapshots, root)
        repeat = Repeat(options, root)
        try:
            kinds = [kind for kind in Repeat.KINDS if not options.kinds or kind.__name__ in options.kinds]
            failed = [kind.__name__ for kind in kinds if not repeat.run(kind)]
            repeat.engine.process.send_signal(signal.SIGTERM)
            failed += [] if repeat.engine.process.wait(60) == 0 else ["the engine did not end"]
        finally:
            repeat.engine.kill() if repeat.engine.alive() else None
    sys.exit(f"kept too much: {failed}" if failed else 0)


if __name__ == "__main__":
    main()
