#!/usr/bin/python3
"""Checks a file of `evaluate --recommendations` without our code: metrics from the CSV alone, and that no list repeats an
item or holds a train item. Plain Python, no packages.

usage: check_recommendations.py TRAIN TEST RECOMMENDATIONS.csv [K]     (TRAIN, TEST: 'user item item ...', plain or .gz)
"""
import csv
import gzip
import math
import sys


def read(path):
    rows = {}
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as lines:
        for line in lines:
            parts = line.split()
            if parts:
                rows.setdefault(parts[0], set()).update(parts[1:])
    return rows


def main():
    train, test = read(sys.argv[1]), read(sys.argv[2])
    k = int(sys.argv[4]) if len(sys.argv) > 4 else 20
    lists = {}
    with open(sys.argv[3], newline="") as file:
        for row in csv.DictReader(file):
            items = lists.setdefault(row["user"], [])
            if int(row["rank"]) != len(items) + 1:
                sys.exit(f"user {row['user']}: rank {row['rank']} after {len(items)} items")
            if items and float(row["score"]) > items[-1][1]:
                sys.exit(f"user {row['user']}: the score rises at rank {row['rank']}")
            items.append((row["item"], float(row["score"])))
    recall = ndcg = hit = users = 0
    for user, truth in test.items():
        if not truth:
            continue
        users += 1
        items = [item for item, _ in lists.get(user, [])][:k]
        if len(set(items)) != len(items):
            sys.exit(f"user {user}: an item twice")
        if train.get(user, set()) & set(items):
            sys.exit(f"user {user}: a train item")
        hits = [rank for rank, item in enumerate(items) if item in truth]
        recall += len(hits) / len(truth)
        ideal = sum(1 / math.log2(rank + 2) for rank in range(min(k, len(truth))))
        ndcg += sum(1 / math.log2(rank + 2) for rank in hits) / ideal
        hit += bool(hits)
    print(f"users {users}  Recall@{k} {recall / users:.6f}  nDCG@{k} {ndcg / users:.6f}  hit rate {hit / users:.6f}")


main()
