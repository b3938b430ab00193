#!/usr/bin/python3
"""Runs Debian's python3-faiss and python3-hnswlib on the factor files that `bench search` reads and prints a ratio table.

usage: peers.py ITEMS.f32 USERS.f32 FACTORS [--top K] [--ours US] [--ours-pool US] [--index FILE] [--threads T] [--batch K]

One thread, one query at a time, p50 in microseconds, with the call overhead of Python (1-3 us) in it. --ours is `bench search`'s
p50 on the same files, --ours-pool its p50 with --pool 0.1; the table divides by them. --batch K times many users at once instead,
in users per second on T threads. --index keeps hnswlib's graph: building it
for 1M items takes minutes. For 1M items give peers what `bench replicate` writes.

How the packages are built: Debian's faiss is compiled for baseline x86-64 with SSE2 (no AVX2), its flat search is slower than a
build from source; hnswlib is compiled for baseline x86-64 as well (its SSE kernel for 64 floats). State that beside every figure.
"""
import argparse
import concurrent.futures
import os
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


def recall(found, truth):
    return float(np.mean([len(set(f) & set(t)) / len(t) for f, t in zip(found, truth)]))


def graph_of(items, path, threads):
    """M=16, efConstruction=100 above 200k items (build time), else M=24 and 200."""
    import hnswlib

    many = len(items) > 200_000
    graph = hnswlib.Index(space="ip", dim=items.shape[1])
    if path and os.path.exists(path):
        graph.load_index(path, max_elements=len(items))
    else:
        graph.init_index(max_elements=len(items), ef_construction=100 if many else 200, M=16 if many else 24)
        start = time.perf_counter()
        graph.add_items(items, num_threads=threads)
        print(f"hnswlib built in {time.perf_counter() - start:.0f} s, M {graph.M}, efConstruction {graph.ef_construction}")
        if path:
            graph.save_index(path)
    graph.set_num_threads(1)
    return graph


def hnsw_rows(graph, queries, truth, top, note, search):
    """The smallest ef that reaches recall .95 and .99, each with its time."""
    rows = []
    found, ef = 0.0, 0
    for goal in (0.95, 0.99):
        while found < goal and ef < 4096:
            ef = max(top, 16, ef * 3 // 2)
            graph.set_ef(ef)
            found = recall([search(query)[0][0] for query in queries], truth)
        rows.append((f"hnswlib, recall {goal}{note}, ef {ef}", found, p50(search, queries)))
    return rows


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
    items = np.fromfile(options.items, "<f4").reshape(-1, options.factors)
    users = np.fromfile(options.users, "<f4").reshape(-1, options.factors)
    queries = np.ascontiguousarray(users[:: max(1, len(users) // 500)][:500])
    top = options.top

    import faiss

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(options.factors)
    flat.add(items)
    few = queries if len(items) < 500_000 else queries[:100]
    truth = np.concatenate([flat.search(block, top)[1] for block in np.array_split(queries, 5)])
    if options.batch:
        many = np.ascontiguousarray(users[: max(1000, 200_000_000 // len(items))])
        print(f"{len(many)} users x {len(items)} items, top {options.batch}, {options.threads} threads\n\n| peer | users/s |\n|---|---|")
        for name, rate in batch_rates(flat, many, options.batch, options.threads):
            print(f"| {name} | {rate:,.0f} |")
        return
    rows = [(f"faiss {faiss.__version__} Flat (exact)", 1.0, p50(lambda q: flat.search(q[None], top), few))]
    graph = graph_of(items, options.index, options.threads)
    rows += hnsw_rows(graph, queries, truth, top, "", lambda q: graph.knn_query(q, k=top))

    pool = np.flatnonzero(np.random.default_rng(1).random(len(items)) < 0.1)
    inside = faiss.IndexFlatIP(options.factors)
    inside.add(items[pool])
    truth = [pool[found] for found in inside.search(queries, top)[1]]
    pooled = [("faiss Flat on the pool's own rows", 1.0, p50(lambda q: inside.search(q[None], top), few))]
    bits = np.zeros((len(items) + 7) // 8, np.uint8)
    np.bitwise_or.at(bits, pool // 8, (1 << (pool % 8)).astype(np.uint8))
    try:
        selector = faiss.IDSelectorBitmap(len(items), faiss.swig_ptr(bits))
        parameters = faiss.SearchParameters(sel=selector)
        pooled.append(("faiss Flat, bitmap selector", 1.0, p50(lambda q: flat.search(q[None], top, params=parameters), few)))
    except (AttributeError, TypeError) as error:
        print(f"this faiss has no bitmap selector: {error}")
    # A filter in Python would be called for every node: the graph of the pool alone is the kinder peer.
    small = graph_of(np.ascontiguousarray(items[pool]), options.index and options.index + ".pool", options.threads)
    place = {int(item): n for n, item in enumerate(pool)}
    pooled += hnsw_rows(small, queries, [[place[int(item)] for item in t] for t in truth], top, ", graph of the pool", lambda q: small.knn_query(q, k=top))

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
