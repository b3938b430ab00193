#!/usr/bin/env python3
"""What a cluster costs an engine: Recommend with and without one in pairs of windows, the idle cost of a node, and the
seconds until it has joined. Starts a MariaDB, one engine without a cluster and three nodes, all on loopback, over copies
of one snapshot folder. Standard library only; needs mariadb-server and a built engine.

    python3 bench/cluster_cost.py --snapshots SNAPSHOTS --pairs 20 --seconds 3
"""
import argparse
import http.client
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

ENGINE = ["dotnet", "artifacts/bin/Engine.Server/release/Engine.Server.dll"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def database(folder):
    port, data = free_port(), os.path.join(folder, "db")
    subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", "--user=" + os.environ.get("USER", "root")],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    script = os.path.join(folder, "init.sql")
    with open(script, "w") as file:
        # A statement a line, as --init-file wants it.
        file.write("CREATE DATABASE shop;\nCREATE USER engine@'%' IDENTIFIED BY 'bench-only';\nGRANT ALL ON shop.* TO engine@'%';\n")
    program = shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin")
    process = subprocess.Popen([program, "--no-defaults", "--user=" + os.environ.get("USER", "root"), f"--datadir={data}", f"--socket={folder}/s", f"--port={port}",
                                "--bind-address=127.0.0.1", "--skip-name-resolve", f"--init-file={script}", f"--log-error={folder}/db.log"])
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process, port
        except OSError:
            time.sleep(0.1)


class Node:
    def __init__(self, folder, name, snapshots, cluster):
        self.name, root, self.log = name, os.path.join(folder, name), os.path.join(folder, name + ".log")
        shutil.copytree(snapshots, root)
        self.start = time.time()
        self.process = subprocess.Popen(
            ENGINE + ["serve", "--snapshots", root, "--urls", "http://127.0.0.1:0;grpc://127.0.0.1:0"] + (["--cluster", cluster] if cluster else []),
            stdout=open(self.log, "w"), stderr=subprocess.STDOUT)
        while not (found := re.search(r"HTTP/JSON +http://127\.0\.0\.1:(\d+)", open(self.log).read())):
            time.sleep(0.05)
        self.connection = http.client.HTTPConnection("127.0.0.1", int(found[1]))
        self.joined = None
        while not self.is_ready() or (cluster and not self.has_joined()):
            time.sleep(0.05)

    def has_joined(self):
        if self.joined is None and "has joined cluster" in open(self.log).read():
            self.joined = time.time() - self.start
        return self.joined is not None

    def is_ready(self):
        self.connection.request("GET", "/readyz")
        answer = self.connection.getresponse()
        answer.read()
        return answer.status == 200

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read())[1]) / 1024

    def window(self, users, seconds):
        times, end = [], time.perf_counter() + seconds
        while time.perf_counter() < end:
            body = json.dumps({"user_id": random.choice(users), "top_k": 10})
            start = time.perf_counter_ns()
            self.connection.request("POST", "/v1/recommend", body, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append((time.perf_counter_ns() - start) / 1000)
        times.sort()
        return times[len(times) // 2], times[int(len(times) * 0.99)], len(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--snapshots", required=True)
    parser.add_argument("--user-format", default="C{:07d}", help="how users are called: C0000001, ...")
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--idle", type=float, default=20)
    arguments = parser.parse_args()
    users = [arguments.user_format.format(i + 1) for i in range(arguments.users)]
    folder, processes = tempfile.mkdtemp(), []
    try:
        mariadb, port = database(folder)
        processes.append(mariadb)
        os.environ["BENCH_PASSWORD"] = "bench-only"
        with open(os.path.join(folder, "db.json"), "w") as file:
            json.dump({"kind": "mysql", "host": "127.0.0.1", "port": port, "database": "shop", "user": "engine",
                       "password_env": "BENCH_PASSWORD", "tls": {"mode": "off"}}, file)
        alone = Node(folder, "alone", arguments.snapshots, None)
        processes.append(alone.process)
        nodes = []
        for name in ("node1", "node2", "node3"):
            cluster = os.path.join(folder, name + ".json")
            with open(cluster, "w") as file:
                json.dump({"cluster": "shop", "node": name, "database": "db.json", "address": "127.0.0.1",
                           "silo_port": free_port(), "peer_port": free_port()}, file)
            nodes.append(Node(folder, name, arguments.snapshots, cluster))
            processes.append(nodes[-1].process)
        known = [user for user in users if knows(alone, user)]
        print(f"load of the machine {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; {len(known)} users")
        print("seconds to join: " + ", ".join(f"{node.name} {node.joined:.1f}" for node in nodes))
        before = {node: node.cpu() for node in [alone, *nodes]}
        time.sleep(arguments.idle)
        for node in [alone, *nodes]:
            print(f"idle {node.name}: {(node.cpu() - before[node]) / arguments.idle * 100:.2f} % of a core, {node.memory():.0f} MiB resident")
        alone.window(known, 1), nodes[0].window(known, 1)
        pairs = []
        for i in range(arguments.pairs):
            order = [alone, nodes[0]] if i % 2 == 0 else [nodes[0], alone]
            found = {node: node.window(known, arguments.seconds) for node in order}
            pairs.append((found[alone], found[nodes[0]]))
        for name, column in (("p50", 0), ("p99", 1)):
            ratios = sorted(node[column] / single[column] for single, node in pairs)
            print(f"{name}: alone {statistics.median(single[column] for single, _ in pairs):.0f} us, in the cluster "
                  f"{statistics.median(node[column] for _, node in pairs):.0f} us; ratio of pairs: median {statistics.median(ratios):.3f}, "
                  f"quartiles {ratios[len(ratios) // 4]:.3f} to {ratios[len(ratios) * 3 // 4]:.3f}")
        print(f"calls: {sum(single[2] + node[2] for single, node in pairs)}; load of the machine at the end {os.getloadavg()[0]:.1f}")
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in reversed(processes):
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def knows(node, user):
    node.connection.request("POST", "/v1/recommend", json.dumps({"user_id": user}), {"Content-Type": "application/json"})
    answer = node.connection.getresponse()
    answer.read()
    return answer.status == 200


if __name__ == "__main__":
    main()
