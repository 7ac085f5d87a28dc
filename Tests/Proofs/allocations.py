"""What the relay allocates for each message once it runs steadily: 1 KB of JSON, all features on.

    environment.sh allocations.py [--count N] [--most-in-swift N] [--sites DEPTH] [--queue classic|quorum]

Calls of malloc, calloc, realloc and aligned variants are counted by the library that makes them, between the end of the
warm-up and the last reply; --sites prints their call stacks (for a program with its symbols). The count belongs to the
work, not to the machine: it is the same on a busy one. Ends with 1 above --most-in-swift.
"""

import argparse
import collections
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import time

import bench_stage
import common

# What the steady path takes now; the goal is 8.
MOST_IN_SWIFT = 13.5
MODULE = struct.Struct("64s4Q")
SWIFT = ("program", "libswift", "libdispatch", "libFoundation", "libBlocksRuntime")


class Counter:
    """Reads what count-allocations.so keeps."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def modules(self):
        """[(name, begin, end, allocations)]"""
        data = self.path.read_bytes()
        count = struct.unpack_from("Q", data)[0]
        rows = [MODULE.unpack_from(data, 8 + at * MODULE.size) for at in range(count)]
        return [(row[0].split(b"\0")[0].decode(), *row[1:4]) for row in rows]

    def counts(self):
        totals = collections.Counter()
        for name, _, _, allocations in self.modules():
            totals[name] += allocations
        return totals

    def sites(self, pid):
        """{stack of addresses: count}, as of now."""
        path = pathlib.Path(f"{self.path}.sites")
        path.unlink(missing_ok=True)
        os.kill(pid, signal.SIGUSR2)
        size = -1
        while size <= 0 or path.stat().st_size != size:
            size = path.stat().st_size if path.exists() else -1
            time.sleep(0.5)
        found = {}
        for line in path.read_text().splitlines():
            count, *frames = line.split()
            found[tuple(int(frame, 16) for frame in frames)] = int(count)
        return found


class Symbols:
    """Names of addresses in the program."""

    def __init__(self, program, modules):
        self.modules = modules
        text = subprocess.run(["nm", "-n", "--defined-only", program], capture_output=True, text=True).stdout
        rows = [line.split(" ", 2) for line in text.splitlines()]
        self.symbols = [(int(row[0], 16), row[2]) for row in rows if row[1] in "tTwW"]
        if not self.symbols:
            sys.exit(f"{program} has no symbols, --sites needs them")
        header = subprocess.run(["readelf", "-h", program], capture_output=True, text=True).stdout
        self.base = 0 if re.search(r"Type:\s+EXEC", header) else next(m[1] for m in modules if m[0] == "program")

    def name(self, address):
        module = next((m for m in self.modules if m[1] <= address < m[2]), None)
        if module is None or module[0] != "program":
            return module[0] if module else "?"
        low, high = 0, len(self.symbols)
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (middle, high) if self.symbols[middle][0] <= address - self.base else (low, middle)
        return self.symbols[low][1]


def demangle(names):
    done = subprocess.run(
        ["swift", "demangle", "--compact", "--simplified"], input="\n".join(names), capture_output=True, text=True)
    return dict(zip(names, done.stdout.splitlines()))


def site_lines(before, after, symbols, count):
    """Stacks by how often they allocated for each message: the library that asked, and who of the program called it."""
    totals = collections.Counter()
    libraries = {module[0] for module in symbols.modules}
    for stack, number in after.items():
        names = [symbols.name(address) for address in stack]
        asking = "Swift" if names[0].startswith(SWIFT) or names[0] not in libraries else names[0]
        own = tuple(name for name in names if not name.startswith("lib") and name != "?")
        totals[(asking, *own[:6])] += number - before.get(stack, 0)
    rows = [(number / count, stack) for stack, number in totals.most_common() if number / count >= 0.02]
    rows.sort(key=lambda row: (row[1][0] != "Swift", row[1][0], -row[0]))
    names = demangle(sorted({name for _, stack in rows for name in stack}))
    return [
        f"{number:8.2f}  {stack[0]}: " + "\n          < ".join(names[name][:150] for name in stack[1:])
        for number, stack in rows]


def measure(options, stage, folder):
    work = bench_stage.Work(1024, options.count, max(options.count // 10, 1000), queue=options.queue)
    counter = Counter(pathlib.Path(folder) / "allocations")
    environment = {"LD_PRELOAD": str(bench_stage.PROGRAMS / "count-allocations.so"), "ALLOCATION_COUNTS": str(counter.path)}
    if options.sites:
        environment["ALLOCATION_SITES"] = str(options.sites)
    marks = {}

    def at_mark(mark, service):
        marks[mark] = counter.counts(), counter.sites(service.pid) if options.sites else {}, counter.modules()

    stage.run("relay", work, at_mark, environment)
    counts = {name: (number - marks["warm"][0][name]) / work.count for name, number in marks["last"][0].items()}
    sites = []
    if options.sites:
        symbols = Symbols(common.program("ocr-relay"), marks["last"][2])
        sites = site_lines(marks["warm"][1], marks["last"][1], symbols, work.count)
    return counts, sites


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--queue", choices=bench_stage.QUEUES, default="classic")
    parser.add_argument("--most-in-swift", type=float, default=MOST_IN_SWIFT)
    parser.add_argument("--sites", type=int, default=0)
    options = parser.parse_args()
    bench_stage.build()
    with common.workspace() as folder:
        stage = bench_stage.Stage(folder)
        try:
            stage.prepare()
            counts, sites = measure(options, stage, folder)
        finally:
            stage.close()
    swift = sum(number for name, number in counts.items() if name.startswith(SWIFT))
    lines = ["allocations for each message", *(
        f"{name:<32}{number:>8.2f}" for name, number in sorted(counts.items(), key=lambda row: -row[1]) if number >= 0.005)]
    lines += [f"{'in Swift':<32}{swift:>8.2f}", f"{'in C libraries':<32}{sum(counts.values()) - swift:>8.2f}", "", *sites]
    failures = []
    if swift > options.most_in_swift:
        failures.append(f"{swift:.2f} allocations in Swift for each message, at most {options.most_in_swift} are allowed")
    sys.exit(common.report("allocations", lines, failures))


main()
