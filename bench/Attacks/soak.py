"""A long run against two engines on one root: mixed calls while snapshots swap, tasks run, pools change, keys are revoked,
one engine is killed again and again, and files are damaged and repaired.

usage: python3 bench/Attacks/soak.py --engine artifacts/bin/Engine.Server/release/Engine.Server.dll --snapshots ROOT --minutes 60

ROOT has two published snapshots; it is copied. The program fails when a call failed that should not, an acknowledged change
is lost, the health does not say what is so within a few seconds, or the memory of the surviving engine grows: what it holds
after a full collection must level off in the second half.
"""
import argparse, collections, json, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, threading, time, urllib.error

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import durability, heap

SEEN_SECONDS = 10  # polls take 1 s; the rest is for a busy machine
BLOCKED = 500  # ids that one saver blocks and unblocks: the list levels off
HELD = 100  # looks at what is held after a full collection
GROWTH = {"heap": 2 << 20, "native": 8 << 20}  # bytes that the second half may grow by
# One key makes all calls; what a full queue refuses is counted all the same.
UNLIMITED = {
    "ENGINE_CHEAP_PER_SECOND": "100000", "ENGINE_HEAVY_PER_SECOND": "10000", "ENGINE_HEAVY_AT_ONCE": "1000", "ENGINE_CHEAP_AT_ONCE": "1000"}
SCOPES = ["read", "audience", "task", "catalog", "admin"]


class Engine(durability.Engine):
    """An engine that needs a key."""
    def __init__(self, dll, root, key):
        self.key = key
        super().__init__(dll, root)

    def call(self, path, body=None, method=None, key=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key or self.key}"}
        request = durability.urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with durability.urllib.request.urlopen(request, timeout=120) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def health(self):
        reply = json.loads(self.call("/health")[1])
        said = [w.get("problem") or "" for w in reply["workspaces"]] + reply.get("problems", [])
        return reply["status"], " ".join(said)

    def memory(self):
        """MiB that are no pages of files, and open files."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", text).group(1)) >> 10, len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def held(self):
        heap.collect(self.process.pid)
        return heap.sizes(self.call("/metrics")[1].decode(), self.process.pid)


def command(dll, *arguments):
    done = subprocess.run(["dotnet", dll, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments}: {done.stderr}")
    return done.stdout


class Soak:
    def __init__(self, options, root):
        self.root, self.folder, self.dll = root, root / "default", options.engine
        self.ids = sorted(path.stem for path in self.folder.glob("*.snapshot"))[:2]
        self.begin = time.monotonic()
        self.end = self.begin + 60 * options.minutes
        self.pause = 60 * options.minutes / options.swaps
        self.counts, self.faults = collections.Counter(), []
        self.writing = threading.Lock()  # blocked.json is put back as it was before it was damaged
        self.lock, self.state = threading.Lock(), threading.Lock()  # state: who changes what the health says
        self.key = self.engine_command("key", "add", "--snapshots", root, "--name", "soak", "--workspaces", "*", "--scopes", *SCOPES)
        self.a, self.b = (Engine(self.dll, root, self.key) for _ in range(2))
        self.b_alive = threading.Event()
        self.b_alive.set()
        self.answers, self.versions, self.tasks, self.memory = {}, [], {}, []
        self.blocked = {}  # by id: whether it is; None while a change is not acknowledged
        self.sizes = {"heap": [], "native": []}

    def engine_command(self, *arguments):
        done = command(self.dll, *arguments)
        found = re.search(r"\S{40,}", done)
        return found.group(0) if found else done

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def fault(self, what):
        with self.lock:
            self.counts["FAULTS"] += 1
            if len(self.faults) < 50:
                self.faults.append(what)

    def ask(self, engine, path, body=None, method=None, allowed=(200,)):
        status, reply = engine.call(path, body, method)
        route = re.sub("/(tasks|pools)/[^/:?]+", r"/\1/x", path.split("?")[0])
        self.count(f"{method or ('POST' if body is not None else 'GET')} {route} {status}")
        if status not in allowed:
            self.fault(f"{path}: {status} {reply[:300]!r}")
        return json.loads(reply) if status == 200 and reply[:1] == b"{" else None

    # Each user's list of a snapshot never changes, whatever is swapped, saved or damaged meanwhile.
    def shop(self, seed):
        draw = random.Random(seed)
        user, product = f"C{draw.randrange(1, 400):07}", f"COF-{draw.randrange(1, 9):05}"
        reply = self.ask(self.a, "/v1/recommend", {"user_id": user, "top_k": 10, "on_unknown": "ON_UNKNOWN_USER_POPULAR_IN_POOL"})
        if reply:
            found = [p["productId"] for p in reply["products"]]
            if self.answers.setdefault((reply["snapshotId"], user), found) != found:
                self.fault(f"{user} has another list than before in {reply['snapshotId']}")
        self.ask(self.a, "/v1/related-products", {"product_id": product, "top_k": 5}, allowed=(200, 404))
        self.ask(self.a, "/v1/score", {"user_ids": [user], "product_ids": [product]}, allowed=(200, 404))

    def heavy(self, seed):
        draw = random.Random(seed)
        product = f"COF-{draw.randrange(1, 9):05}"
        self.ask(self.a, "/v1/rank-users", {"product_id": product, "top_k": 1000}, allowed=(200, 404, 429, 400))
        self.ask(self.a, "/v1/estimate-audience", {"product_id": product}, allowed=(200, 404, 429))
        self.ask(self.a, "/v1/recommend-for-audience", {"top_k": 20}, allowed=(200, 429))
        rule = " or ".join(f"product_name contains '{i:05x}'" for i in range(200))
        self.ask(self.a, "/v1/pools:preview", {"rule": rule}, allowed=(200, 429))
        for bad in ({"top_k": 10**9}, {"user_ids": 5}, {"rule": "("}):
            self.ask(self.a, "/v1/recommend", bad, allowed=(400, 404))

    def save(self, seed):
        with self.writing:
            self.one_save(seed)
            self.check_blocked() if seed % 100 == 99 else None
        time.sleep(0.2)

    def check_blocked(self):
        listed, token = set(), ""
        while True:
            page = self.ask(self.a, f"/v1/blocked?page_token={token}")
            listed.update(page["productIds"])
            token = page.get("nextPageToken", "")
            if not token:
                break
        lost = [product for product, blocked in self.blocked.items() if blocked is not None and blocked != (product in listed)]
        if lost:
            self.fault(f"{len(lost)} acknowledged blocks are lost: {sorted(lost)[:5]}")
        return len(lost)

    def one_save(self, seed):
        engine = self.b if seed % 2 and self.b_alive.is_set() else self.a
        try:
            reply = self.ask(engine, "/v1/pools", {"name": "p", "rule": f"price < {seed + 1}"})
            product, change = f"K-{threading.get_ident()}-{seed % BLOCKED}", "unblock" if seed // BLOCKED % 2 else "block"
            self.blocked[product] = None
            if self.ask(engine, "/v1/blocked", {change: [product]}):
                self.blocked[product] = change == "block"
                self.count("acknowledged blocks")
            if reply:
                self.versions.append(int(reply["version"]))
        except (OSError, ConnectionError):
            if engine is self.a:
                raise
            self.count("the killed engine did not answer")

    def task(self, seed):
        created = self.ask(self.a, "/v1/tasks", {"top_k": 5, "snapshot_id": self.ids[seed % 2]})
        if not created:
            return
        state = lambda: self.ask(self.a, f"/v1/tasks/{created['taskId']}")["state"]
        if durability.until(lambda: state().endswith("SUCCEEDED"), 90) is None:
            return self.fault(f"task {created['taskId']} did not end: {state()}")
        status, rows = self.a.call(f"/v1/tasks/{created['taskId']}/download?format=csv")
        if status != 200 or self.tasks.setdefault(self.ids[seed % 2], rows) != rows:
            self.fault(f"the result of a task over {self.ids[seed % 2]} is not the one before ({status})")
        self.count("tasks with the same bytes")
        self.ask(self.a, f"/v1/tasks/{created['taskId']}", method="DELETE")

    def swap(self, seed):
        with self.state:
            self.ask(self.a, "/v1/snapshots:activate", {"snapshot_id": self.ids[seed % 2]})
            if durability.until(lambda: self.a.health()[0] == "SERVING", SEEN_SECONDS) is None:
                self.fault(f"not SERVING after a swap: {self.a.health()}")
            self.count("swaps")
        time.sleep(max(0, self.begin + (seed + 1) * self.pause - time.monotonic()))  # a late swap is followed at once

    def key_life(self, seed):
        with self.state:
            self.one_key(seed)
        time.sleep(5)

    def one_key(self, seed):
        key = self.engine_command("key", "add", "--snapshots", self.root, "--name", f"guest{seed}", "--scopes", "read")
        question = ("/v1/recommend", {"user_id": "C0000001", "on_unknown": "ON_UNKNOWN_USER_POPULAR_IN_POOL"})
        if durability.until(lambda: self.a.call(*question, key=key)[0] == 200, SEEN_SECONDS) is None:
            self.fault("a new key is not accepted")
        if self.a.call("/v1/blocked", {"block": ["X"]}, key=key)[0] != 403:
            self.fault("a key of scope read may block products")
        self.engine_command("key", "revoke", "--snapshots", self.root, f"guest{seed}")
        if durability.until(lambda: self.a.call(*question, key=key)[0] == 401, SEEN_SECONDS) is None:
            self.fault("a revoked key is still accepted")
        self.count("keys made and revoked")

    def kill(self, seed):
        time.sleep(15)
        self.b_alive.clear()
        self.b.kill()
        time.sleep(2)
        with self.state:  # damaged keys refuse a start
            self.b.start()
        self.b_alive.set()
        self.count("engines killed")

    # What the health must name within seconds, and forget within seconds of the repair; Recommend answers throughout.
    def damage(self, seed):
        time.sleep(3)
        with self.state:
            current = self.folder / "CURRENT"
            snapshot = self.folder / f"{current.read_text().strip()}.snapshot"
            path = [snapshot, current, self.root / ".access" / "keys.json", self.folder / "blocked.json"][seed % 4]
            how = ["truncated", "garbage", "pipe", "folder"][seed // 4 % 4]
            if path.name == "keys.json" and how == "folder":
                how = "pipe"  # a file of keys that is absent for a moment lets nobody in, by design
            if path.name == "blocked.json":
                self.writing.acquire()
            content, mode = path.read_bytes(), path.stat().st_mode
            with tempfile.NamedTemporaryFile(dir=self.root.parent, delete=False) as kept:
                kept.write(content)
            if how == "truncated":
                os.chmod(path, 0o644)
                os.truncate(path, len(content) // 2)
            else:
                spoiled = self.root.parent / "spoiled"
                {"garbage": lambda: spoiled.write_bytes(b"{ \0garbage"), "pipe": lambda: os.mkfifo(spoiled), "folder": spoiled.mkdir}[how]()
                path.unlink() if how == "folder" else None
                os.replace(spoiled, path)
            said = durability.until(lambda: self.a.health()[0] == "DEGRADED", SEEN_SECONDS)
            if said is None:
                self.fault(f"{path.name} {how}: the health says {self.a.health()}")
            for i in range(20):
                self.shop(i)
            path.rmdir() if how == "folder" else None
            os.chmod(kept.name, mode & 0o777)
            os.replace(kept.name, path)
            if durability.until(lambda: self.a.health()[0] == "SERVING", SEEN_SECONDS) is None:
                self.fault(f"{path.name} {how}: repaired, and the health says {self.a.health()}")
            self.count(f"{path.suffix or path.name} {how}, and repaired")
            if path.name == "blocked.json":
                self.writing.release()

    def watch(self, seed):
        if self.a.call("/readyz")[0] != 200:
            self.fault("the surviving engine was not ready")
        self.memory.append(self.a.memory())
        time.sleep(2)

    def hold(self, seed):
        now = time.monotonic()
        for sizes, size in zip(self.sizes.values(), self.a.held()):
            sizes.append((now, size))
        time.sleep(max(0, (self.end - self.begin) / HELD - (time.monotonic() - now)))

    def loop(self, work):
        seed = 0
        while time.monotonic() < self.end:
            try:
                work(seed)
            except Exception as error:  # a fault ends no loop
                self.fault(f"{work.__name__}: {type(error).__name__} {error}")
                time.sleep(1)
            seed += 1

    def run(self):
        loops = [
            self.shop, self.shop, self.heavy, self.save, self.save, self.task, self.swap, self.key_life, self.kill, self.damage,
            self.watch, self.hold]
        threads = [threading.Thread(target=self.loop, args=[work]) for work in loops]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.finish()

    def finish(self):
        lost = self.check_blocked()
        if len(set(self.versions)) != len(self.versions):
            self.fault(f"{len(self.versions)} saves of a pool have {len(set(self.versions))} versions")
        half = len(self.memory) // 2
        mib = [sorted(m for m, _ in part)[len(part) // 2] for part in (self.memory[half // 2:half], self.memory[-(half // 2):])]
        files = [max(f for _, f in part) for part in (self.memory[half // 2:half], self.memory[-(half // 2):])]
        if mib[1] > 1.25 * mib[0] + 32:
            self.fault(f"memory grew from {mib[0]} to {mib[1]} MiB")
        grown = {kind: heap.growth(sizes) for kind, sizes in self.sizes.items()}
        for kind, most in GROWTH.items():
            if grown[kind] > most:
                self.fault(
                    f"{kind}: found {grown[kind]:,.0f} bytes more after a full collection at the end of the second half; "
                    f"expected at most {most:,}")
        if files[1] > 1.5 * files[0] + 20:
            self.fault(f"open files grew from {files[0]} to {files[1]}")
        mapped = sum(".snapshot" in line or ".partial" in line for line in open(f"/proc/{self.a.process.pid}/maps"))
        for engine in (self.a, self.b):
            engine.process.send_signal(signal.SIGTERM)
            if engine.process.wait(60) != 0:
                self.fault(f"an engine ended with {engine.process.returncode}")
        internal = pathlib.Path(self.a.log.name).read_text().count(" failed (request")
        print(json.dumps({
            "calls": sum(n for what, n in self.counts.items() if "/v1/" in what), "by": dict(sorted(self.counts.items())),
            "memory_mib_second_and_last_quarter": mib,
            "held_mib": {kind: [round(size / (1 << 20), 1) for _, size in sizes[:: HELD // 10]] for kind, sizes in self.sizes.items()},
            "grown_bytes_in_the_second_half": {kind: round(size) for kind, size in grown.items()},
            "open_files": files, "mapped": mapped, "internal_errors_in_the_log": internal,
            "blocks_lost": lost, "saves_acknowledged": len(self.versions),
            "faults": self.faults}, indent=1))
        sys.exit(1 if self.faults or internal else 0)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--engine", required=True)
    options.add_argument("--snapshots", required=True)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--swaps", type=int, default=100)
    options = options.parse_args()
    os.environ.update(UNLIMITED)
    with tempfile.TemporaryDirectory() as work:
        root = pathlib.Path(work, "root")
        shutil.copytree(options.snapshots, root)
        soak = Soak(options, root)
        try:
            soak.run()
        finally:
            for engine in (soak.a, soak.b):
                engine.kill() if engine.alive() else None


if __name__ == "__main__":
    main()
