"""Renews docker/release/functions.order: the functions of ocr-relay that are executed from the start until it runs
steadily, most used first, so that the deployment build has them side by side and keeps fewer pages in memory.

    environment.sh order.py --program PROGRAM --map MAP [--count N]

PROGRAM is an ocr-relay of docker/release/build.sh that is not stripped, MAP what its linker wrote (RELEASE_MAP). It answers
small requests under valgrind's callgrind, which tells the executed functions; the map tells the sections that they are in,
and one symbol of each section goes into the list. `make order` does all of it.
"""

import argparse
import bisect
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys

import bench_stage
import common

ORDER = common.ROOT / "docker/release/functions.order"
# A section of this size belongs to a library that was not compiled into sections; it goes last.
LARGE_BYTES = 200_000

Symbol = collections.namedtuple("Symbol", "address name kind")
Section = collections.namedtuple("Section", "address size")


def record(program, folder, count):
    """Lets the program answer `count` requests under callgrind; returns the file that the last of its runs left."""
    programs = pathlib.Path(folder) / "programs"
    programs.mkdir()
    # Valgrind cannot read the compiler's debug information, and needs none.
    subprocess.run(["strip", "-g", "-o", programs / "stripped", program], check=True)
    relay = programs / "ocr-relay"
    relay.write_text(
        f'#!/bin/sh\nexec valgrind -q --tool=callgrind --demangle=no --compress-strings=no --compress-pos=no '
        f'--callgrind-out-file={folder}/%p.callgrind {programs}/stripped "$@"\n')
    relay.chmod(0o755)
    os.environ["PROOFS_PROGRAMS"] = str(programs)
    stage = bench_stage.Stage(folder)
    try:
        stage.prepare()
        stage.run("relay", bench_stage.Work(1024, count - 1, 1), http_listen=None)
    finally:
        stage.close()
    return max(pathlib.Path(folder).glob("*.callgrind"), key=lambda path: path.stat().st_mtime)


def executed_functions(path):
    """{function of the program: instructions}, in the order of their first execution."""
    costs, own, function, is_call = {}, False, None, False
    for line in open(path, errors="replace"):
        if line.startswith("ob="):
            own = line.rstrip().endswith("/stripped")
        elif line.startswith("fn="):
            # A number tells recursions of a function apart.
            function = re.sub(r"'\d+$", "", line[3:].strip()) if own else None
            if function:
                costs.setdefault(function, 0)
        elif line.startswith("calls="):
            is_call = True
        elif line[:1].isdigit() or line[:1] in "+-*":
            if function and not is_call:
                costs[function] += int(line.split()[1])
            is_call = False
    return costs


def symbols_of(program):
    lines = subprocess.run(["nm", "-n", "--defined-only", program], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in lines.splitlines()]
    return [Symbol(int(row[0], 16), row[2], row[1]) for row in rows if len(row) == 3 and row[1] in "tTwWuU"]


def sections_of(map_file):
    """The sections of code in a map of lld: address, load address, size, alignment, file:(section)."""
    sections = []
    for line in open(map_file, errors="replace"):
        fields = line.split(None, 4)
        if len(fields) == 5 and re.match(r".*:\(\.text[\w.$]*.*\)$", fields[4].strip()):
            sections.append(Section(int(fields[0], 16), int(fields[2], 16)))
    return sorted(sections)


class Layout:
    """Finds the section of a function, and the symbol that stands for a section."""

    def __init__(self, symbols, sections):
        self.symbols, self.sections = symbols, sections
        self.starts = [section.address for section in sections]
        self.places = [symbol.address for symbol in symbols]
        self.addresses = {}
        for symbol in symbols:
            self.addresses.setdefault(symbol.name, symbol.address)
        self.uses = collections.Counter(symbol.name for symbol in symbols)

    def section(self, function):
        """Functions without a name are told by their address."""
        address = int(function, 16) if function.startswith("0x") else self.addresses.get(function)
        if address is None:
            return None
        at = bisect.bisect_right(self.starts, address) - 1
        section = self.sections[at] if at >= 0 else None
        return section if section and address < section.address + section.size else None

    def name(self, section):
        """Preferably a name that no other section has, and one that the linker sees from outside."""
        first = bisect.bisect_left(self.places, section.address)
        last = bisect.bisect_left(self.places, section.address + section.size)
        inside = self.symbols[first:last]
        inside = [symbol for symbol in inside if self.uses[symbol.name] == 1] or inside
        outside = [symbol for symbol in inside if symbol.kind in "TWu"]
        return next((symbol.name for symbol in outside or inside), None)


def ordered_names(costs, layout):
    """Names of the executed sections: the most instructions for each byte first."""
    totals = collections.Counter()
    for function, cost in costs.items():
        section = layout.section(function)
        if section:
            totals[section] += cost
    ranked = sorted(totals, key=lambda section: (section.size > LARGE_BYTES, -totals[section] / section.size))
    names = [name for name in map(layout.name, ranked) if name]
    return names, sum(section.size for section in ranked)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--map", required=True)
    parser.add_argument("--count", type=int, default=2000)
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("order.py needs valgrind: apt-get install valgrind")
    bench_stage.build()
    with common.workspace() as folder:
        costs = executed_functions(record(options.program, folder, options.count))
        names, size = ordered_names(costs, Layout(symbols_of(options.program), sections_of(options.map)))
        if not names:
            raise bench_stage.Failure("no executed function was found in the map")
        ORDER.write_text("\n".join(names) + "\n")
    print(f"{ORDER.relative_to(common.ROOT)}: {len(names)} of the program's functions, {size // 1024} KiB")


main()
