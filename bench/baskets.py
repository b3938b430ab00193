#!/usr/bin/env python3
"""Turns the purchases of a behavior table into small baskets, one a period of 30 days, aligned at their last.

    bench/baskets.py behavior.csv.gz 2010-10-31 baskets.csv [0.3]

Reads rows up to the day; a basket is what a user purchased on a day. Each item is kept with the given chance
(a seeded draw), and users with fewer than 3 baskets are left out. The last basket of every user is on 2011-06-30,
the one before 30 days earlier. To predict the last ones, train on the rows up to 2011-05-31 and compare with
bench/check_lists.py.
"""
import collections
import csv
import datetime
import gzip
import random
import sys

FEWEST, MOST, PERIOD = 3, 50, 30
LAST = datetime.date(2011, 6, 30)


def aligned(baskets):
    """Rows (user, product, day) of users with enough baskets, the newest basket first."""
    for user in sorted(baskets):
        days = sorted(baskets[user])[-MOST:]
        if len(days) >= FEWEST:
            for age, day in enumerate(reversed(days)):
                for product in sorted(baskets[user][day]):
                    yield user, product, LAST - datetime.timedelta(PERIOD * age)


def main(source, day, target, share=0.3):
    def collect(rows):
        baskets = collections.defaultdict(lambda: collections.defaultdict(set))
        for user, product, time in rows:
            baskets[user][time].add(product)
        return baskets

    with gzip.open(source, "rt") as table:
        rows = [(row["user_id"], row["product_id"], row["behavior_time"][:10]) for row in csv.DictReader(table)
                if row["behavior_type"] == "buy" and row["behavior_time"][:10] <= day]
    draw = random.Random(1)
    kept = [row for row in aligned(collect(rows)) if draw.random() < float(share)]
    with open(target, "w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["user_id", "product_id", "behavior_type", "behavior_time", "count"])
        for user, product, time in aligned(collect(kept)):
            writer.writerow([user, product, "buy", time.isoformat(), 1])


if __name__ == "__main__":
    main(*sys.argv[1:])
