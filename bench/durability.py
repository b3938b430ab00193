"""Attacks on the files of running engines: two engines on one root, kill -9, files that change, pipes, a full disk.

usage: python3 bench/durability.py --engine artifacts/bin/Engine.Server/release/Engine.Server.dll --snapshots SNAPSHOTS

SNAPSHOTS is a root with one published snapshot; it is copied. Every attack prints one line of JSON and fails the program when
something acknowledged is lost, an answer changes, or the health is not truthful within two seconds. The full disk needs root.
"""
import argparse, concurrent.futures, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.request

POLL_SECONDS = 2.0
failures = []


class Engine:
    def __init__(self, dll, root):
        self.dll, self.root = dll, root
        self.start()

    def start(self):
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        self.process = subprocess.Popen(
            ["dotnet", self.dll, "serve", "--snapshots", str(self.root), "--urls", "grpc://127.0.0.1:0;http://127.0.0.1:0"],
            stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(1200):
            found = re.search(r"HTTP/JSON\s+(http://\S+)", pathlib.Path(self.log.name).read_text())
            if found:
                self.url = found.group(1)
                break
            time.sleep(0.05)
        until(lambda: self.health()[0] != "NOT_SERVING", 60)

    def call(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def ask(self, path, body=None):
        status, reply = self.call(path, body)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {reply[:300]}")
        return json.loads(reply)

    def health(self):
        reply = json.loads(self.call("/health")[1])
        return reply["status"], " ".join(w.get("problem") or "" for w in reply["workspaces"])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def alive(self):
        return self.process.poll() is None


def until(condition, seconds=POLL_SECONDS):
    """Seconds until the condition holds; None when it does not in time."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            if condition():
                return round(time.monotonic() - start, 2)
        except (OSError, json.JSONDecodeError):
            pass
        time.sleep(0.02)
    return None


def say(attack, ok, **figures):
    print(json.dumps({"attack": attack, "ok": bool(ok), **figures}), flush=True)
    if not ok:
        failures.append(attack)


def guard(attack, *arguments):
    """An attack that cannot go on has succeeded; the next one begins with living engines."""
    try:
        attack(*arguments)
    except (OSError, RuntimeError, KeyError, TypeError) as error:
        say(attack.__name__, False, error=str(error)[:200])
    for engine in arguments:
        if isinstance(engine, Engine) and not engine.alive():
            say("the process has ended", False, exit_code=engine.process.returncode)
            engine.start()


def two_engines(a, b):
    engines = [a, b]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        saves = list(pool.map(lambda i: engines[i % 2].ask("/v1/pools", {"name": "p", "rule": f"price < {i + 1}"}), range(128)))
        blocks = list(pool.map(lambda i: engines[i % 2].ask("/v1/blocked", {"block": [f"B-{i}"]}), range(128)))
    versions = {int(save["version"]) for save in saves}
    rules = {a.ask(f"/v1/pools/p?version={version}")["rule"] for version in range(1, 129)}
    listed = [len(engine.ask("/v1/blocked")["productIds"]) for engine in engines]
    say("128 saves of one pool by two engines", len(versions) == 128 and len(rules) == 128, versions=len(versions), rules=len(rules))
    say("128 blocks by two engines", listed == [128, 128] and len(blocks) == 128, seen=listed)
    a.ask("/v1/blocked", {"replace": True})


def kills(a, rounds):
    acknowledged = []
    for number in range(rounds):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            def write():
                for i in range(10_000):
                    try:
                        if a.call("/v1/blocked", {"block": [f"K-{number}-{i}"]})[0] == 200:
                            acknowledged.append(f"K-{number}-{i}")
                    except (OSError, urllib.error.URLError):
                        return
            writing = pool.submit(write)
            time.sleep(0.2 + 0.05 * number)
            a.kill()
            writing.result()
        a.start()
    kept = set(a.ask("/v1/blocked")["productIds"])
    lost = [one for one in acknowledged if one not in kept]
    say(f"{rounds} kills -9 under writes", not lost, acknowledged=len(acknowledged), lost=len(lost))
    a.ask("/v1/blocked", {"replace": True})


def changed_files(a, snapshot):
    content = snapshot.read_bytes()
    question = {"recent": [{"product_id": "COF-00001"}], "top_k": 5}
    expected = a.ask("/v1/recommend", question)["products"]

    def truncate():
        os.truncate(snapshot, 100)

    def overwrite():
        with open(snapshot, "r+b") as file:
            file.write(b"\0" * len(content))

    def pipe():
        snapshot.unlink()
        os.mkfifo(snapshot)

    for spoil in (truncate, overwrite, snapshot.unlink, pipe):
        name = spoil.__name__
        spoil()
        said = until(lambda: a.health()[0] == "DEGRADED")
        same = all(a.ask("/v1/recommend", question)["products"] == expected for _ in range(50))
        problem = a.health()[1]
        if snapshot.exists():
            snapshot.unlink() if snapshot.is_fifo() else None
        snapshot.write_bytes(content)
        sound = until(lambda: a.health()[0] == "SERVING")
        say(f"served file: {name}", a.alive() and said is not None and same and sound is not None, said_after=said, sound_after=sound, problem=problem[:120])


def strange_current(a, folder):
    current = folder / "CURRENT"
    content = current.read_bytes()

    def large():
        with open(current, "wb") as file:
            file.truncate(3 << 30)

    for name, make in (("pipe", lambda: os.mkfifo(current)), ("folder", current.mkdir), ("link", lambda: current.symlink_to("/dev/zero")), ("3 GB", large)):
        current.unlink()
        make()
        said = until(lambda: a.health()[0] == "DEGRADED")
        problem = a.health()[1]
        current.rmdir() if current.is_dir() and not current.is_symlink() else current.unlink()
        current.write_bytes(content)
        sound = until(lambda: a.health()[0] == "SERVING")
        say(f"CURRENT is a {name}", a.alive() and said is not None and sound is not None, said_after=said, sound_after=sound, problem=problem[:120])


def takeover(a, b):
    body = {"top_k": 50}
    reference = a.ask("/v1/tasks", body)["taskId"]
    until(lambda: a.ask(f"/v1/tasks/{reference}")["state"].endswith("SUCCEEDED"), 60)
    created = [(a if i % 2 else b).ask("/v1/tasks", body)["taskId"] for i in range(40)]
    a.kill()
    states = lambda: [b.ask(f"/v1/tasks/{task}")["state"] for task in created]
    left = sum(not state.endswith("SUCCEEDED") for state in states())
    done = until(lambda: all(state.endswith("SUCCEEDED") for state in states()), 60)
    whole = b.call(f"/v1/tasks/{reference}/download?format=parquet")[1]
    same = sum(b.call(f"/v1/tasks/{task}/download?format=parquet")[1] == whole for task in created)
    say("kill -9 of the engine that runs 40 tasks", done is not None and same == 40, unfinished_at_the_kill=left, done_after=done, byte_equal=same)
    a.start()


def full_disk(dll, source):
    if os.geteuid() != 0:
        print(json.dumps({"attack": "full disk", "skipped": "mounting needs root"}))
        return
    mount = tempfile.mkdtemp()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", mount], check=True)
    try:
        shutil.copytree(source, mount, dirs_exist_ok=True)
        engine = Engine(dll, mount)
        try:
            engine.ask("/v1/blocked", {"block": ["before"]})
            with open(os.path.join(mount, "filler"), "wb", buffering=0) as filler:
                try:
                    while filler.write(b"x" * 4096):
                        pass
                except OSError:
                    pass
            status, reply = engine.call("/v1/blocked", {"block": ["while"]})
            message = json.loads(reply).get("message", "")
            os.unlink(os.path.join(mount, "filler"))
            after = engine.ask("/v1/blocked", {"block": ["after"]})["productIds"]
            left = [name for name in os.listdir(os.path.join(mount, "default")) if name.endswith(".partial")]
            say("full disk", status == 503 and "disk is full" in message and after == ["after", "before"] and not left, status=status, message=message[:160])
            engine.kill()
            subprocess.run(["mount", "-o", "remount,ro", mount], check=True)
            engine.start()
            status, reply = engine.call("/v1/blocked", {"block": ["read-only"]})
            message = json.loads(reply).get("message", "")
            served = engine.ask("/v1/recommend", {"recent": [{"product_id": "COF-00001"}], "top_k": 5})["products"]
            say("read-only file system", status == 503 and "read-only" in message and len(served) == 5, status=status, message=message[:160])
        finally:
            engine.kill()
    finally:
        subprocess.run(["umount", "-l", mount], check=False)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--engine", required=True)
    options.add_argument("--snapshots", required=True)
    options.add_argument("--kills", type=int, default=10)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        root = pathlib.Path(work, "root")
        shutil.copytree(options.snapshots, root)
        folder = root / "default"
        snapshot = next(folder.glob("*.snapshot"))
        (root / "stray").mkdir()
        (root / "linked").symlink_to(folder)
        a, b = Engine(options.engine, root), Engine(options.engine, root)
        try:
            guard(two_engines, a, b)
            guard(kills, a, options.kills)
            guard(changed_files, a, snapshot)
            guard(strange_current, a, folder)
            guard(takeover, b, a)
            workspaces = [w["workspace"] for w in json.loads(a.call("/health")[1])["workspaces"]]
            say("links and stray folders", workspaces == ["default"] and not os.listdir(root / "stray"), workspaces=workspaces)
        finally:
            a.kill()
            b.kill()
        guard(full_disk, options.engine, options.snapshots)
    sys.exit(f"failed: {failures}" if failures else 0)


if __name__ == "__main__":
    main()
