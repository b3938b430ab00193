#!/usr/bin/python3
"""Runs Debian's python3-faiss and python3-hnswlib on the factor files that `bench search` reads and prints a ratio table.

usage: peers.py ITEMS.f32 USERS.f32 FACTORS [TOP] [OURS_P50_US]
One thread, one query at a time, p50 in microseconds, with the call overhead of Python (1-3 us) in it.
Debian builds faiss 1.7.3 without AVX2: its flat search is slower than a build from source. hnswlib 0.6.2 is built for
baseline x86-64 as well. State that beside every figure.
"""
import sys
import time

import numpy as np


def p50(call, queries):
    for query in queries[:50]:
        call(query)
    times = []
    for query in queries:
        start = time.perf_counter_ns()
        call(query)
        times.append(time.perf_counter_ns() - start)
    return float(np.median(times)) / 1000


def recall(found, truth):
    return float(np.mean([len(set(f) & set(t)) / len(t) for f, t in zip(found, truth)]))


def main():
    items_file, users_file, factors = sys.argv[1], sys.argv[2], int(sys.argv[3])
    top = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    ours = float(sys.argv[5]) if len(sys.argv) > 5 else None
    items = np.fromfile(items_file, "<f4").reshape(-1, factors)
    users = np.fromfile(users_file, "<f4").reshape(-1, factors)
    queries = np.ascontiguousarray(users[:: max(1, len(users) // 500)][:500])
    rows = []

    import faiss
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(factors)
    flat.add(items)
    truth = flat.search(queries, top)[1]
    rows.append(("faiss Flat 1.7.3 (exact)", 1.0, p50(lambda q: flat.search(q[None], top), queries)))

    import hnswlib
    graph = hnswlib.Index(space="ip", dim=factors)
    graph.init_index(max_elements=len(items), ef_construction=200, M=24)
    graph.set_num_threads(2)
    graph.add_items(items)
    graph.set_num_threads(1)
    for goal in (0.95, 0.99):
        for ef in (16, 32, 64, 128, 256, 512, 1024, 2048):
            if ef < top:
                continue
            graph.set_ef(ef)
            found = recall(graph.knn_query(queries, k=top)[0], truth)
            if found >= goal or ef == 2048:
                rows.append((f"hnswlib 0.6.2, ef {ef}", found, p50(lambda q: graph.knn_query(q, k=top), queries)))
                break

    print(f"{len(items)} items, {factors} factors, top {top}, {len(queries)} queries, one thread")
    print("| engine | recall | p50 us |" + (" times ours |" if ours else ""))
    print("|---|---|---|" + ("---|" if ours else ""))
    if ours:
        print(f"| this engine (exact) | 1.000 | {ours:.2f} | 1.0 |")
    for name, found, micros in rows:
        print(f"| {name} | {found:.3f} | {micros:.1f} |" + (f" {micros / ours:.1f} |" if ours else ""))


if __name__ == "__main__":
    main()
