#!/usr/bin/env python3
"""Splits the train part of a public set once more, so that choices can be judged without its test part.

    bench/outer_split.py train.txt.gz FOLDER [users] [items] [seed]

Keeps users of so many items and items of so many users, again and again until all have as many (default 1, 1), and writes
FOLDER/train.txt and FOLDER/test.txt: a fifth of each user's items, drawn at random, is the test part.
"""
import collections
import gzip
import os
import random
import sys


def main(source, folder, users="1", items="1", seed="1"):
    rows = collections.defaultdict(set)
    with (gzip.open if source.endswith(".gz") else open)(source, "rt") as lines:
        for user, *found in (map(int, line.split()) for line in lines if line.strip()):
            rows[user].update(found)
    before = -1
    while before != (before := sum(map(len, rows.values()))):
        counts = collections.Counter(item for row in rows.values() for item in row)
        rows = {user: {item for item in row if counts[item] >= int(items)} for user, row in rows.items()}
        rows = {user: row for user, row in rows.items() if len(row) >= int(users)}
    draw = random.Random(int(seed))
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/train.txt", "w") as train, open(f"{folder}/test.txt", "w") as test:
        for user in sorted(rows):
            row = sorted(rows[user])
            draw.shuffle(row)
            held = max(1, round(len(row) / 5)) if len(row) > 1 else 0
            print(user, *row[held:], file=train)
            if held:
                print(user, *row[:held], file=test)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 2 else sys.exit(__doc__)
