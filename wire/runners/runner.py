#!/usr/bin/env python3
"""A complete harness that speaks the wire contract (../WIRE.md), in Python.

To measure your own code, replace the first part and keep the second. What there is:
    python3 runner.py _list
"""
import argparse
import json
import os
import re
import sys
import time

# ---- What is measured: replace this ----


def numbers(n):
    return [i * 2654435761 % 2**32 for i in range(n)]


def prepare_sum(n):
    """Makes the input, whose time does not count, and returns the call that is timed."""
    values = numbers(n)
    return lambda: sum(values)


def prepare_sort(_):
    values = numbers(1000)
    return lambda: sorted(values)[500]


# By name: what prepares it, and its further keys in the answer to `_list`.
WORKLOADS = {
    "demo/sum": (
        prepare_sum,
        {"kind": "parametric", "ladder": {"low": 1, "high": 65536}, "complexity": "n"},
    ),
    "demo/sort": (prepare_sort, {"kind": "fixed"}),
}

# ---- The contract: keep this ----


def time_calls(call, repeats):
    began = time.perf_counter_ns()
    for _ in range(repeats):
        answer = call()
    return time.perf_counter_ns() - began, answer


def fnv1a(text):
    """A hash of the answer: by it `tacho` sees that every process answers the same."""
    state = 0xCBF29CE484222325
    for byte in text.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    return f"0x{state:016x}"


def peak_rss_kb():
    """The most memory that this process ever had."""
    with open("/proc/self/status", encoding="utf-8") as status:
        found = re.search(r"VmHWM:\s*(\d+)", status.read())
        return found and int(found[1])


def child(ask, kind, call):
    # One call; then twice as many, again and again, while half of the target is not reached.
    repeats, (total, answer) = 1, time_calls(call, 1)
    while ask.cache_mode == "warm" and total < ask.target // 2:
        repeats *= 2
        total, answer = time_calls(call, repeats)
    row = {"schema_version": 1, "kind": kind, "function": ask.bench, "status": "ok"}
    row |= {"repeat_index" if ask.fixed else "param": ask.which}
    row |= {"total_nanos": total, "inner_repeats": repeats, "cache_mode": ask.cache_mode}
    row |= {"peak_rss_kb": peak_rss_kb(), "result_hash": fnv1a(str(answer))}
    if "TACHO_PREVIEW" in os.environ:
        row["result_preview"] = str(answer)[:200]
    print(json.dumps(row))


def main():
    if sys.argv[1:] == ["_list"]:
        for name, (_, listed) in WORKLOADS.items():
            print(json.dumps({"schema_version": 1, "name": name, **listed}))
        return
    words = argparse.ArgumentParser(allow_abbrev=False)
    words.add_argument("verb", choices=["_list", "_child"])
    words.add_argument("--bench", choices=WORKLOADS, required=True)
    words.add_argument("--fixed", action="store_true")
    number = {"type": int, "required": True}
    words.add_argument("--param", "--repeat-index", dest="which", **number)
    words.add_argument("--target-nanos", "--min-total-nanos", dest="target", **number)
    words.add_argument("--cache-mode", choices=["warm", "cold"], default="warm")
    words.add_argument("--env-json")
    ask = words.parse_args()  # what it does not know, it refuses with exit code 2
    prepare, listed = WORKLOADS[ask.bench]
    if ask.fixed != (listed["kind"] == "fixed"):
        words.error(f"{ask.bench} is {listed['kind']}, and was asked for as the other kind")
    child(ask, listed["kind"], prepare(ask.which))


if __name__ == "__main__":
    main()
