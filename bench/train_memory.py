#!/usr/bin/python3
"""Peak memory, time and processor time of each stage of a training, from its progress lines.

usage: train_memory.py INTERACTIONS COMMAND...      (for example: train_memory.py 20e6 dotnet Trainer.dll train --dataset ...)

Resident pages are those of the kernel's high-water mark (VmHWM), reset at the end of every stage; pages of mapped files that
the kernel can drop are counted apart, as they were at the end. Bytes an interaction are the anonymous peak / INTERACTIONS.
"""
import os
import re
import subprocess
import sys
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


def status(pid):
    with open(f"/proc/{pid}/status") as file:
        return {key: int(value.split()[0]) * 1024 for key, value in
                (line.split(":", 1) for line in file if line.startswith(("Vm", "Rss")))}


def processor(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def watch(pid, peak):
    while True:
        try:
            now = status(pid)
        except (OSError, KeyError):
            return
        for key in ("RssAnon", "RssFile"):
            peak[key] = max(peak.get(key, 0), now.get(key, 0))
        time.sleep(0.1)


def main():
    interactions, command = float(sys.argv[1]), sys.argv[2:]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    peak, most = {}, 0
    threading.Thread(target=watch, args=(process.pid, peak), daemon=True).start()
    begun = last = time.time()
    used = 0.0
    print(f"{'stage':46} {'wall s':>8} {'CPU s':>8} {'peak GB':>8} {'anonymous':>9} {'files':>6} {'B/inter.':>8}", flush=True)
    for line in process.stderr:
        done = re.match(r"(.*): done in", line)
        if not done:
            print(line.rstrip(), file=sys.stderr, flush=True)
            continue
        try:
            high, cpu = status(process.pid)["VmHWM"], processor(process.pid)
            with open(f"/proc/{process.pid}/clear_refs", "w") as file:
                file.write("5")
        except (OSError, KeyError):
            break
        anonymous, files = peak.get("RssAnon", 0), peak.get("RssFile", 0)
        peak.clear()
        most, now = max(most, high), time.time()
        print(f"{done[1]:46} {now - last:8.1f} {cpu - used:8.1f} {high / 1e9:8.2f} {anonymous / 1e9:9.2f} "
              f"{files / 1e9:6.2f} {anonymous / interactions:8.1f}", flush=True)
        last, used = now, cpu
    code = process.wait()
    usage = __import__("resource").getrusage(__import__("resource").RUSAGE_CHILDREN)
    print(f"{'all':46} {time.time() - begun:8.1f} {usage.ru_utime + usage.ru_stime:8.1f} {most / 1e9:8.2f}")
    sys.exit(code)


main()
