#!/usr/bin/python3
"""Judges lists of `engine batch` by what happened after the data of their model ended, without our code: Recall and nDCG
from the CSV and the whole behavior table alone, beside the three simple rules. Plain Python, no packages.

usage: check_lists.py BEHAVIOR.csv[.gz] LAST_DAY LISTS.csv [DAYS=30] [K=10] [PURCHASE=buy]
    BEHAVIOR    user_id, product_id, behavior_type, behavior_time and count, going on after the model's LAST_DAY (yyyy-mm-dd)
    PURCHASE    the behavior_type of purchases
"""
import csv
import datetime
import gzip
import math
import sys
from collections import Counter, defaultdict


def purchases(path, kind):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["behavior_type"] == kind and float(row["count"]) > 0:
                yield row["user_id"], row["product_id"], datetime.date.fromisoformat(row["behavior_time"][:10])


def read_lists(path):
    lists = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            mine = lists[row["user_id"]]
            if int(row["item_rank"]) != len(mine) + 1 or row["item_id"] in mine:
                sys.exit(f"user {row['user_id']}: rank {row['item_rank']} after {len(mine)} items, or an item again")
            mine.append(row["item_id"])
    return lists


def metrics(of, truth, k):
    recall = possible = ndcg = 0
    for user, bought in truth.items():
        hits = [item in bought for item in of(user)[:k]]
        recall += sum(hits) / len(bought)
        possible += sum(hits) / min(k, len(bought))
        ideal = sum(1 / math.log2(place + 2) for place in range(min(k, len(bought))))
        ndcg += sum(hit / math.log2(place + 2) for place, hit in enumerate(hits)) / ideal
    return [value / len(truth) for value in (recall, possible, ndcg)]


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    last = datetime.date.fromisoformat(sys.argv[2])
    lists = read_lists(sys.argv[3])
    days, k = [int(sys.argv[n]) if len(sys.argv) > n else value for n, value in ((4, 30), (5, 10))]
    own, users, truth = defaultdict(Counter), defaultdict(set), defaultdict(set)
    for user, product, day in purchases(sys.argv[1], sys.argv[6] if len(sys.argv) > 6 else "buy"):
        if day <= last:
            own[user][product] += 1
            users[product].add(user)
        elif day <= last + datetime.timedelta(days) and user in lists:
            truth[user].add(product)
    # What nobody had purchased by then is in no list and in no rule's.
    truth = {user: known for user, bought in truth.items() if (known := {item for item in bought if item in users})}
    top = sorted(users, key=lambda item: (-len(users[item]), item))

    def frequency(user):
        return sorted(own[user], key=lambda item: (-own[user][item], -len(users[item]), item))

    def then_popular(user):
        first = frequency(user)[:k]
        return first + [item for item in top[:2 * k] if item not in first]

    rules = {"popularity": lambda _: top, "personal frequency": frequency, "personal, then popularity": then_popular}
    found = {name: metrics(rule, truth, k) for name, rule in rules.items()}
    served = metrics(lambda user: lists[user], truth, k)
    best = [max(values) for values in zip(*found.values())]
    print(f"{len(truth)} users of the lists purchased in the {days} days after {last}")
    print(f"{'':27}Recall@{k} (/ all)  Recall@{k} (/ min)  nDCG@{k}")
    for name, values in {"lists": served, **found, "lists / best rule": [a / b for a, b in zip(served, best)]}.items():
        print(f"{name:27}{values[0]:<17.4f}{values[1]:<17.4f}{values[2]:.4f}")


main()
