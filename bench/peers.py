#!/usr/bin/python3
"""Runs hnswlib and Debian's python3-faiss on the factor files that `bench search` reads and prints a ratio table.

usage: peers.py ITEMS.f32 USERS.f32 FACTORS [--top K] [--ours US] [--ours-pool US] [--index FILE] [--threads T] [--batch K]

One thread, one query at a time, p50 in microseconds; faiss with the call overhead of Python (1-3 us) in it. --ours is `bench search`'s
p50 on the same files, --ours-pool its p50 with --pool 0.1; the table divides by them. --batch K times many users at once instead,
in users per second on T threads. --index keeps hnswlib's graph: building it
for 1M items takes minutes. For 1M items give peers what `bench replicate` writes.

hnswlib is compiled for this machine (hnsw.cpp, g++ -O3 -march=native) from Debian's headers: libhnswlib-dev and g++ must be installed.
Debian's faiss is compiled for baseline x86-64 with SSE2 (no AVX2); its flat search is slower than a build from source. State that
beside every figure.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import tempfile
import time

import numpy as np


def p50(call, queries):
    for query in queries[:20]:
        call(query)
    times = []
    for query in queries:
        start = time.perf_counter_ns()
        call(query)
        times.append(time.perf_counter_ns() - start)
    return float(np.median(times)) / 1000


def hnsw_rows(items, queries, options, folder, note, index):
    """The smallest ef that reaches recall .95 and .99, each with its time, from hnsw.cpp built for this machine."""
    program = os.path.join(folder, "hnsw")
    if not os.path.exists(program):
        source = pathlib.Path(__file__).with_name("hnsw.cpp")
        subprocess.run(["g++", "-O3", "-march=native", "-std=c++20", "-DNDEBUG", source, "-o", program, "-pthread"], check=True)
    files = [os.path.join(folder, name) for name in ("items.f32", "queries.f32")]
    items.tofile(files[0])
    queries.tofile(files[1])
    command = [program, *files, options.factors, options.top, options.threads, index or os.path.join(folder, "index" + note)]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    print(f"hnswlib{note} {done.stderr.strip() or 'read'}")
    rows = [line.split() for line in done.stdout.splitlines()]
    return [
        (f"hnswlib, recall {goal}{note}, ef {ef}", float(found), float(micros))
        for goal, (found, ef, micros) in zip((0.95, 0.99), rows)]


def batch_rates(flat, users, top, threads):
    """Users per second of faiss's exact search by matrix products: one call on all threads, and the users in shards, a thread each."""
    import faiss

    def rate(search):
        rates = []
        for _ in range(3):
            start = time.perf_counter()
            search()
            rates.append(len(users) / (time.perf_counter() - start))
        return float(np.median(rates))

    faiss.omp_set_num_threads(threads)
    together = rate(lambda: flat.search(users, top))
    faiss.omp_set_num_threads(1)
    blocks = np.array_split(users, max(threads, len(users) // 1024))
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        sharded = rate(lambda: list(pool.map(lambda block: flat.search(block, top), blocks)))
    return [("faiss Flat, one call", together), ("faiss Flat, users in shards", sharded)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("items")
    parser.add_argument("users")
    parser.add_argument("factors", type=int)
    parser.add_argument("--top", type=int, default=10)
    parser.add_argument("--ours", type=float)
    parser.add_argument("--ours-pool", type=float)
    parser.add_argument("--index")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int)
    options = parser.parse_args()
    options.work = tempfile.TemporaryDirectory()
    items = np.fromfile(options.items, "<f4").reshape(-1, options.factors)
    users = np.fromfile(options.users, "<f4").reshape(-1, options.factors)
    queries = np.ascontiguousarray(users[:: max(1, len(users) // 500)][:500])
    top = options.top

    import faiss

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(options.factors)
    flat.add(items)
    few = queries if len(items) < 500_000 else queries[:100]
    if options.batch:
        many = np.ascontiguousarray(users[: max(1000, 200_000_000 // len(items))])
        print(f"{len(many)} users x {len(items)} items, top {options.batch}, {options.threads} threads\n\n| peer | users/s |\n|---|---|")
        for name, rate in batch_rates(flat, many, options.batch, options.threads):
            print(f"| {name} | {rate:,.0f} |")
        return
    rows = [(f"faiss {faiss.__version__} Flat (exact)", 1.0, p50(lambda q: flat.search(q[None], top), few))]
    folder = options.work.name
    rows += hnsw_rows(items, queries, options, folder, "", options.index)

    pool = np.flatnonzero(np.random.default_rng(1).random(len(items)) < 0.1)
    inside = faiss.IndexFlatIP(options.factors)
    inside.add(items[pool])
    pooled = [("faiss Flat on the pool's own rows", 1.0, p50(lambda q: inside.search(q[None], top), few))]
    bits = np.zeros((len(items) + 7) // 8, np.uint8)
    np.bitwise_or.at(bits, pool // 8, (1 << (pool % 8)).astype(np.uint8))
    try:
        selector = faiss.IDSelectorBitmap(len(items), faiss.swig_ptr(bits))
        parameters = faiss.SearchParameters(sel=selector)
        pooled.append(("faiss Flat, bitmap selector", 1.0, p50(lambda q: flat.search(q[None], top, params=parameters), few)))
    except (AttributeError, TypeError) as error:
        print(f"this faiss has no bitmap selector: {error}")
    # The graph of the pool alone is the kinder peer: a filter would be called for every node.
    own = np.ascontiguousarray(items[pool])
    pooled += hnsw_rows(own, queries, options, folder, ", graph of the pool", options.index and options.index + ".pool")

    print(f"{len(items)} items, {options.factors} factors, top {top}, {len(queries)} queries, one thread")
    for title, ours, table in (("all items", options.ours, rows), ("10 % pool", options.ours_pool, pooled)):
        print(f"\n| {title} | recall | p50 us |" + (" times ours |" if ours else ""))
        print("|---|---|---|" + ("---|" if ours else ""))
        if ours:
            print(f"| this engine (exact) | 1.000 | {ours:.2f} | 1.0 |")
        for name, found, micros in table:
            print(f"| {name} | {found:.3f} | {micros:.1f} |" + (f" {micros / ours:.1f} |" if ours else ""))


if __name__ == "__main__":
    main()
