"""Campaigns with a planted effect, by the commands of the programs: how often the interval holds it, how often a lift is claimed.

Build first: dotnet build -c Release. One training; then each seed is a campaign of its own: hold out, send, wait, measure, once
with the planted effect and once without. Several runs with parts of the seeds (--first) add up. Prints one line of JSON.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "artifacts", "bin")


def run(program, *arguments):
    command = ["dotnet", os.path.join(ROOT, program, "release", program + ".dll"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", default="tiny")
    options.add_argument("--repetitions", type=int, default=100)
    options.add_argument("--first", type=int, default=1, help="the first seed")
    options.add_argument("--lift", type=float, default=0.1)
    options.add_argument("--rate", type=float, default=0.1)
    options.add_argument("--share", default="0.4")
    values = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        brand, snapshots, sent = (os.path.join(folder, name) for name in ("brand", "snapshots", "sent.csv"))
        run("Trainer", "generate", "--size", values.size, "--out", brand)
        run("Trainer", "train", "--dataset", os.path.join(brand, "dataset.json"), "--out", snapshots, "--horizon", "30")
        held, claimed = 0, 0
        for seed in range(values.first, values.first + values.repetitions):
            run("Engine.Server", "batch", "--snapshots", snapshots, "--top", "3", "--out", sent,
                "--holdout-share", values.share, "--holdout-seed", f"campaign {seed}")
            for lift in (values.lift, 0.0):
                answered = os.path.join(folder, "answered")
                run("Trainer", "generate", "--size", values.size, "--out", answered, "--response", sent,
                    "--response-lift", str(lift), "--response-rate", str(values.rate), "--response-seed", str(seed))
                found = json.loads(run("Engine.Server", "lift", sent, "--snapshots", snapshots,
                                       "--dataset", os.path.join(answered, "dataset.json"), "--json"))["listed"]
                if lift > 0:
                    held += found["low"] <= lift <= found["high"]
                else:
                    claimed += found["claimed"]
            print(f"seed {seed}: held {held}, claimed {claimed}", file=sys.stderr, flush=True)
        print(f"again: python3 bench/campaign_lift.py --size {values.size} --repetitions {values.repetitions} --first {values.first} "
              f"--lift {values.lift} --rate {values.rate} --share {values.share}", file=sys.stderr)
        print(json.dumps({"verb": "campaign_lift", "size": values.size, "repetitions": values.repetitions, "first": values.first,
                          "lift": values.lift,
                          "rate": values.rate, "share": float(values.share), "interval_holds_the_lift": held,
                          "claimed_without_effect": claimed}))


if __name__ == "__main__":
    main()
