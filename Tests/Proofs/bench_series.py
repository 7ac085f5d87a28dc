"""The series of the benchmark. Each returns rows: dictionaries of numbers, as they stand in .reports/bench.json."""

import dataclasses
import re
import shutil
import signal
import statistics
import time

import bench_stage
import common
from bench_stage import Work

# Messages that are measured and that warm up, by the size in KiB; `slow` where each call takes its time.
COUNTS = {1: (20_000, 2_000), 200: (3_000, 300), 2048: (400, 40), 10240: (100, 15)}
SLOW_COUNTS = {1: (4_000, 500), 200: (3_000, 300), 2048: (400, 40), 10240: (100, 15)}


def counts(size_kib, delay_ms, options):
    if options.short:
        return 200, 20
    table = SLOW_COUNTS if delay_ms else COUNTS
    nearest = min(table, key=lambda known: abs(known - size_kib))
    return table[nearest]


def median_row(rows):
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def throughput(stage, options):
    """C worker, relay with JSON and relay with binary bodies by turns; medians, and medians of the ratios of the pairs."""
    found = []
    for queue in options.queues:
        for delay_ms in options.delays_ms:
            for size_kib in options.sizes_kib:
                count, warm = counts(size_kib, delay_ms, options)
                work = Work(size_kib << 10, count, warm, delay_ms=delay_ms, queue=queue)
                common.log(f"{size_kib} KiB, {delay_ms} ms, {queue}")
                found.append({
                    "size_kib": size_kib, "delay_ms": delay_ms, "queue": queue, "pairs": options.pairs,
                    **one_work(stage, work, options.pairs)})
    return found


def one_work(stage, work, pairs):
    ways = {"worker": work, "json": work, "binary": dataclasses.replace(work, content="binary")}
    figures = {way: [] for way in ways}
    for _ in range(pairs):
        for way, its_work in ways.items():
            figures[way].append(vars(stage.run("worker" if way == "worker" else "relay", its_work)))
    row = {way: median_row(rows) for way, rows in figures.items()}
    for name, above, below in (("json_ratio", "json", "worker"), ("binary_ratio", "binary", "json")):
        row[name] = median_row([
            {key: first[key] / second[key] for key in ("cpu_us", "per_second", "peak_mib")}
            for first, second in zip(figures[above], figures[below])])
    return row


def percentiles(text):
    return {name: float(value) for name, value in re.findall(r"(p[0-9.]+)_us=([0-9.]+)", text)}


def latency(stage, options, throughput_rows):
    """Direct calls, C worker and relay by turns, at half of what the relay can do while its queue is filled."""
    found = []
    for row in throughput_rows:
        if row["queue"] != options.queues[0] or row["size_kib"] not in options.latency_sizes_kib:
            continue
        rate = 100 if options.short else max(1, int(sustained(stage, row) / 2))
        measured = 100 if options.short else min(20_000, max(1_000, rate * 5))
        work = latency_work(row, measured)
        common.log(f"latency: {row['size_kib']} KiB, {row['delay_ms']} ms, {rate} a second")
        rounds = [latency_round(stage, work, rate) for _ in range(options.pairs)]
        found.append({
            "size_kib": row["size_kib"], "delay_ms": row["delay_ms"], "queue": row["queue"], "per_second": rate,
            "count": measured, "pairs": options.pairs,
            **{way: median_row([one[way] for one in rounds]) for way in ("direct", "worker", "relay")},
            **{f"{way}_added": median_row([
                {key: one[way][key] - one["direct"][key] for key in one["direct"]} for one in rounds])
                for way in ("worker", "relay")}})
    return found


def latency_work(row, measured):
    return Work(row["size_kib"] << 10, measured, measured // 10, delay_ms=row["delay_ms"], queue=row["queue"])


def sustained(stage, row):
    """Messages a second that the relay answers when so many come as it could take from a full queue: publishers and
    broker need the machine as well. Half of this is a load of 50 %."""
    full = row["json"]["per_second"]
    text = run_latency(stage, "relay", latency_work(row, min(40_000, max(1_000, int(full * 3)))), int(full))
    return min(full, float(re.search(r" per_second=([0-9]+)", text)[1]))


def latency_round(stage, work, rate):
    found = {"direct": percentiles(stage.load(
        "direct", ocr_url=stage.stub(work.delay_ms).url + "/v2/project/ocr/general-text", **even_load(work, rate)))}
    for name in ("worker", "relay"):
        found[name] = percentiles(run_latency(stage, name, work, rate))
    return found


def even_load(work, rate):
    return dict(count=work.count + work.warm, warm=work.warm, rate_per_second=rate, size_bytes=work.size_bytes)


def run_latency(stage, name, work, rate):
    """What the loader printed."""
    service = stage.start(name, work)
    try:
        stage.await_reply(work)  # connected and logged in
        stage.runs += 1
        text = stage.load(
            "latency", queue=bench_stage.QUEUES[work.queue], run=f"run{stage.runs}", content=work.content,
            **even_load(work, rate))
    finally:
        code = service.terminate()
    if code != 0 or " missing=0 " not in text:
        raise bench_stage.Failure(f"latency of the {name}: it ended with {code}, {text.strip()}")
    return text


def start_up(stage, options):
    """From the start of the program to the first reply, with one request waiting."""
    work = Work(1024, 1, 1, queue=options.queues[0])
    found = {"worker_ms": [], "relay_ms": [], "relay_without_token_ms": []}
    common.log("start")
    for _ in range(options.pairs * 2):
        found["worker_ms"].append(stage.run("worker", work).first_reply_ms)
        found["relay_ms"].append(stage.run("relay", work).first_reply_ms)
        shutil.rmtree(stage.state)
        stage.state.mkdir()
        found["relay_without_token_ms"].append(stage.run("relay", work).first_reply_ms)
    return {key: statistics.median(values) for key, values in found.items()}


def drain(stage, options):
    """From SIGTERM to the end of the program, with as many requests in work as may be, at 50 ms each."""
    found = {"worker_ms": [], "relay_ms": []}
    common.log("drain")
    for _ in range(options.pairs):
        for name in ("worker", "relay"):
            found[f"{name}_ms"].append(drain_once(stage, name, Work(1024, 400, 100, delay_ms=50, queue=options.queues[0])))
    return {key: statistics.median(values) for key, values in found.items()}


def drain_once(stage, name, work):
    total = work.count + work.warm
    run = stage.fill(work, total)
    with stage.collecting(run, total, work.warm) as collector:
        first = stage.start(name, work)
        try:
            for line in collector.stdout:
                if line.startswith("warm"):
                    break
            time.sleep(0.02)  # calls end in waves; this is in the middle of one
            began = time.monotonic()
            first.child.send_signal(signal.SIGTERM)
            code = first.child.wait(60)
            taken = (time.monotonic() - began) * 1e3
        finally:
            first.terminate()
        second = stage.start(name, work)
        try:
            outcome = collector.stdout.read().splitlines()[-1]
        finally:
            second.terminate()
    if code != 0 or outcome != f"received={total} repeated=0 wrong=0 foreign=0":
        raise bench_stage.Failure(f"drain of the {name}: it ended with {code}, {outcome} of {total}")
    return taken


def processes(stage, options):
    """What several relays on one queue do together, by turns; one with as many loops as they are; and one that may have
    as much in work as all of them."""
    found = []
    ways = [(copies, 1, stage.prefetch) for copies in options.processes]
    ways += [(1, copies, stage.prefetch) for copies in options.processes if copies > 1]
    if options.processes and max(options.processes) > 1:
        ways.append((1, 1, stage.prefetch * max(options.processes)))
    for delay_ms in options.delays_ms if ways else []:
        count, warm = counts(1, delay_ms, options)
        work = Work(1024, count * (1 if delay_ms == 0 else 2), warm, delay_ms=delay_ms, queue=options.queues[0])
        common.log(f"processes, {delay_ms} ms")
        figures = {way: [] for way in ways}
        for _ in range(options.pairs):
            for way in ways:
                copies, loops, prefetch = way
                figures[way].append(vars(stage.run(
                    "relay", work, copies=copies, process_loops=loops, amqp_prefetch=prefetch,
                    backend_max_connections=max(64, prefetch))))
        found += [
            {"processes": copies, "loops": loops, "prefetch": prefetch, "delay_ms": delay_ms, **median_row(rows)}
            for (copies, loops, prefetch), rows in figures.items()]
    return found


def flatness(stage, options):
    """Memory early and late in a long run."""
    count = options.flat_messages
    if count == 0:
        return None
    common.log(f"memory over {count} messages")
    seen = []
    work = Work(1024, count - count // 20, count // 20, queue=options.queues[0])
    stage.run("relay", work, lambda mark, relay: seen.append(bench_stage.memory_mib(relay.pid, "status", "VmRSS")))
    return {"messages": count, "early_messages": work.warm, "early_mib": seen[0], "late_mib": seen[1]}
