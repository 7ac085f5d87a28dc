"""Tables of what bench.py measured, in Markdown."""


def size(kib):
    return f"{kib} KB" if kib < 1024 else f"{kib // 1024} MB"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join(["---"] + ["---:"] * (len(header) - 1)) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def throughput(rows):
    header = ["Work", "C worker, msg/s", "relay, msg/s", "ratio", "C worker, CPU us", "relay, CPU us", "ratio",
              "binary, CPU us", "binary / JSON", "C worker, MiB", "relay, MiB", "binary, MiB"]
    lines = []
    for row in rows:
        worker, json, binary = row["worker"], row["json"], row["binary"]
        lines.append([
            f"{size(row['size_kib'])}, {row['delay_ms']} ms, {row['queue']}", number(worker["per_second"]),
            number(json["per_second"]), f"{row['json_ratio']['per_second']:.2f}", number(worker["cpu_us"]),
            number(json["cpu_us"]), f"{row['json_ratio']['cpu_us']:.2f}", number(binary["cpu_us"]),
            f"{row['binary_ratio']['cpu_us']:.2f}", number(worker["peak_mib"]), number(json["peak_mib"]),
            number(binary["peak_mib"])])
    return table(header, lines)


def latency(rows):
    header = ["Work", "msg/s", "", "p50", "p99", "p99.9"]
    lines = []
    for row in rows:
        work = [f"{size(row['size_kib'])}, {row['delay_ms']} ms, {row['queue']}", number(row["per_second"])]
        for way, name in (("direct", "direct call"), ("worker_added", "C worker adds"), ("relay_added", "relay adds")):
            lines.append(work + [name] + [f"{row[way][key] / 1e3:.2f} ms" for key in ("p50", "p99", "p99.9")])
            work = ["", ""]
    return table(header, lines)


def moments(results):
    start, drain = results["start_up"], results["drain"]
    return table(["", "C worker", "relay", "relay that logs in first"], [
        ["Start to first reply", f"{start['worker_ms']:.0f} ms", f"{start['relay_ms']:.0f} ms",
         f"{start['relay_without_token_ms']:.0f} ms"],
        ["SIGTERM to the end, 50 in work at 50 ms each", f"{drain['worker_ms']:.0f} ms", f"{drain['relay_ms']:.0f} ms", ""]])


def processes(rows):
    return table(
        ["OCR latency", "processes", "loops of each", "prefetch of each loop", "msg/s together", "CPU us", "broker's CPU us", "MiB together"],
        [[f"{row['delay_ms']} ms", str(row["processes"]), str(row.get("loops", 1)), str(row["prefetch"]),
          number(row["per_second"]),
          number(row["cpu_us"]), number(row["broker_us"]), number(row["shared_mib"])] for row in rows])


def goals(results):
    """What is aimed at, and what was measured."""
    found = []
    for row in results["throughput"]:
        name, ratio = f"{size(row['size_kib'])}, {row['delay_ms']} ms, {row['queue']}", row["json_ratio"]
        if row["delay_ms"] == 0 and row["queue"] == "classic":
            if row["size_kib"] == 1:
                found.append((f"{name}: CPU, of the C worker's", ratio["cpu_us"], "<=", 1.15))
                found.append((f"{name}: messages/s, of the C worker's", ratio["per_second"], ">=", 0.95))
                found.append((f"{name}: peak MiB", row["json"]["peak_mib"], "<=", 25))
            else:
                found.append((f"{name}: CPU, of the C worker's", ratio["cpu_us"], "<=", 1.05))
            if row["size_kib"] == 10240:
                found.append((f"{name}: CPU of binary, of JSON's", row["binary_ratio"]["cpu_us"], "<=", 1.1))
                found.append((f"{name}: peak MiB", max(row["json"]["peak_mib"], row["binary"]["peak_mib"]), "<=", 100))
    for row in results["latency"]:
        if row["size_kib"] == 1:
            name = f"{size(row['size_kib'])}, {row['delay_ms']} ms: added latency"
            found.append((f"{name} p50, ms", row["relay_added"]["p50"] / 1e3, "<=", 0.5))
            found.append((f"{name} p99, ms", row["relay_added"]["p99"] / 1e3, "<=", 3))
    if flat := results["flatness"]:
        growth = flat["late_mib"] - flat["early_mib"]
        name = f"growth from {flat['early_messages']:,} to {flat['messages']:,} messages, MiB"
        found.append((name, growth, "<=", 1))
    found.append(("start to first reply, ms", results["start_up"]["relay_ms"], "<=", 150))
    found.append(("SIGTERM to the end, ms", results["drain"]["relay_ms"], "<=", 200))
    return table(["Goal", "measured", "aim", ""], [
        [name, f"{value:.2f}", f"{relation} {aim}", "yes" if (value <= aim) == (relation == "<=") else "no"]
        for name, value, relation, aim in found])


def document(results, with_goals):
    parts = [
        ("Work, CPU and memory", throughput(results["throughput"])), ("Latency", latency(results["latency"])),
        ("Start and end", moments(results))]
    if results["processes"]:
        parts.append(("Several processes, several loops", processes(results["processes"])))
    if with_goals:
        parts.append(("Goals", goals(results)))
    lines = []
    for title, body in parts:
        lines += [f"### {title}", "", *body, ""]
    return lines
