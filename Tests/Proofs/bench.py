"""The whole service against a minimal worker in C that does the same work: paired runs, medians and ratios.

    environment.sh bench.py [--sizes-kib 1,200,2048,10240] [--delays-ms 0,50] [--queues classic,quorum] [--pairs 5]
        [--latency-sizes-kib 1,200] [--processes 1,2,4] [--flat-messages 1000000] [--prefetch 50] [--budget-mib 64] [--short]
        [--document]

The relay runs as a user has it, with every feature on; broker, stand-in for the OCR service, loader and service share the
machine. Prints tables and leaves .reports/bench.txt and .reports/bench.json; --document renews the results in the
documentation. --short makes a few requests of each kind: it checks the work, the figures mean nothing.
"""

import argparse
import datetime
import json
import os
import sys

import bench_plot
import bench_report
import bench_series
import bench_stage
import common

DOCUMENT = common.ROOT / "Sources/OCRRelay/Documentation/performance.md"
BEGIN, END = "<!-- results: begin, made by make bench -->", "<!-- results: end -->"


def numbers(text):
    return [int(part) for part in text.split(",") if part]


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes-kib", type=numbers, default=[1, 200, 2048, 10240])
    parser.add_argument("--delays-ms", type=numbers, default=[0, 50])
    parser.add_argument("--queues", type=lambda text: text.split(","), default=["classic", "quorum"])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--latency-sizes-kib", type=numbers, default=[1, 200])
    parser.add_argument("--processes", type=numbers, default=[1, 2, 4])
    parser.add_argument("--flat-messages", type=int, default=1_000_000)
    parser.add_argument("--prefetch", type=int, default=50)
    parser.add_argument("--budget-mib", type=int, default=64)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--document", action="store_true")
    options = parser.parse_args()
    if options.short:
        options.sizes_kib, options.latency_sizes_kib, options.processes, options.pairs = [1, 200], [1], [1, 2], 1
        options.flat_messages = 0
    return options


def measure(options):
    with common.workspace() as folder:
        stage = bench_stage.Stage(folder, options.prefetch, options.budget_mib)
        try:
            stage.prepare()
            rows = bench_series.throughput(stage, options)
            return {
                "throughput": rows, "latency": bench_series.latency(stage, options, rows),
                "start_up": bench_series.start_up(stage, options), "drain": bench_series.drain(stage, options),
                "processes": bench_series.processes(stage, options), "flatness": bench_series.flatness(stage, options),
            }
        finally:
            stage.close()


def write_document(results, lines):
    """Renews what lies between the two marks, and the plot."""
    text = DOCUMENT.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    taken = (
        f"Taken {results['at'][:10]} on {results['machine']}, load average {results['load']:.1f} before; medians of "
        f"{results['pairs']} pairs. Figures of a machine with other work (a load above 1) are ratios at best, and its "
        "latencies mean nothing.")
    DOCUMENT.write_text("\n".join([before + BEGIN, "", taken, "", *lines, END]) + after)
    DOCUMENT.with_suffix(".svg").write_text(bench_plot.draw(results))


def main():
    options = read_options()
    bench_stage.build()
    load = os.getloadavg()[0]
    try:
        results = measure(options)
    except bench_stage.Failure as failure:
        sys.exit(common.report("bench", [], [str(failure)]))
    results |= {
        "at": f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M:%S} UTC", "machine": common.machine(),
        "load": load, "pairs": options.pairs, "prefetch": options.prefetch, "budget_mib": options.budget_mib}
    lines = bench_report.document(results, with_goals=not options.short)
    code = common.report("bench", lines, [])
    (common.REPORTS / "bench.json").write_text(json.dumps(results, indent=1) + "\n")
    (common.REPORTS / "bench.svg").write_text(bench_plot.draw(results))
    if options.document:
        write_document(results, lines)
    sys.exit(code)


main()
