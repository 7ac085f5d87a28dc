"""Many requests at once for a service with a hard limit, through several relays that share one rate through Redis.

    environment.sh rate.py [--relays N] [--requests N] [--calls N] [--seconds N] [--short]

The service is a server here that counts every call, refused ones included, in any window. Phases: the limit is learnt and
kept; Redis is killed and comes back; the service answers 503 to everybody. Prints a table, and leaves it in
.reports/rate.txt.
"""

import argparse
import asyncio
import shutil
import sys
import time

import common
from rate_service import Redis, Requests, Service


async def run(options, folder, broker, failures):
    service = Service(options.calls, options.seconds)
    port = common.free_port()
    redis = Redis(folder, port)
    settings = {
        "rate_store": "redis", "rate_max_relays": options.relays, "redis_url": f"redis://127.0.0.1:{port}",
        "rate_start_calls_per_second": 10, "rate_probe": "false", "amqp_prefetch": 20, "log_level": "info",
        "results_kind": "off",
    }
    relays = [
        common.Relay(folder, f"relay-{n}", broker.url, service.url, service.url, **settings)
        for n in range(options.relays)]
    for relay in relays:
        relay.await_line("consuming")
    requests = Requests(broker.url)
    await requests.open()
    lines = [f"{options.relays} relays, a hard limit of {options.calls} calls in any {options.seconds} s", ""]
    lines.append(f"{'phase':34} {'used':>7} {'most in a window':>17} {'refused':>8}")

    def row(name, start, end, least=0.0, most=None):
        part = service.part(start, end)
        refused = sum(status == 429 for _, status in part)
        used, peak = service.used(start, end), service.most_in_a_window(start, end)
        lines.append(f"{name:34} {used:7.1%} {peak:17} {refused:8}")
        if used < least:
            failures.append(f"{name}: {used:.1%} of the limit used, not {least:.0%}")
        if most and peak > most:
            failures.append(f"{name}: {peak} calls in a window")

    begin = time.monotonic()
    burst = options.requests
    per_second = options.calls / options.seconds
    await requests.publish(burst)
    learnt = begin + 4 * options.seconds + 3
    steady = learnt + 0.4 * burst / per_second
    await asyncio.sleep(max(0, steady - time.monotonic()))
    row("learning", begin, learnt)
    row("steady", learnt, steady, 0.95, options.calls)

    redis.kill()
    away = time.monotonic()
    await asyncio.sleep(options.outage)
    back = time.monotonic()
    row(f"Redis away for {options.outage} s", away + 4, back, 0.6, options.calls)
    redis = Redis(folder, port)
    await asyncio.sleep(10)
    full = time.monotonic()
    row("ten seconds after its return", back, full, 0, options.calls)
    rest = full + 0.15 * burst / per_second
    await asyncio.sleep(max(0, rest - time.monotonic()))
    row("full again", full, rest, 0.93, options.calls)

    if not await requests.answered(burst):
        failures.append(f"{len(requests.attempts)} of {burst} answered")
    whole = service.part(begin, time.monotonic())
    refused = sum(status == 429 for _, status in whole)
    lines += ["", f"{burst} requests: {len(whole)} calls, {refused} refused ({refused / len(whole):.2%})"]
    if refused > 0.01 * len(whole):
        failures.append(f"{refused} of {len(whole)} calls refused")

    service.is_down = True
    await requests.publish(100)
    await asyncio.sleep(3)  # calls under way, and what closes the gates
    down = time.monotonic()
    await asyncio.sleep(options.outage)
    up = time.monotonic()
    probes = len(service.part(down, up))
    service.is_down = False
    if not await requests.answered(burst + 100, 200):
        failures.append(f"{len(requests.attempts)} of {burst + 100} answered after the outage")
    lines.append(f"service down for {options.outage} s: {probes} probes, all answered {time.monotonic() - up:.0f} s later")
    if probes > up - down:
        failures.append(f"{probes} probes in {up - down:.0f} s")

    doubled = sum(count > 1 for name, count in requests.answers.items() if name != "bad")
    bad, dead = requests.answers.get("bad", 0), sum(
        count for name, count in broker.depths().items() if name.startswith("ocr.dead."))
    lines.append(f"errors {bad}, dead letters {dead}, answered twice {doubled}")
    if bad or dead or doubled:
        failures.append(f"{bad} errors, {dead} dead letters, {doubled} answered twice")
    codes = [relay.terminate() for relay in relays]
    if any(codes):
        failures.append(f"exit codes {codes}")
    redis.kill()
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--relays", type=int, default=8)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--outage", type=int, default=30)
    parser.add_argument("--short", action="store_true", help="three relays, 1,600 requests, outages of 12 s")
    options = parser.parse_args()
    if options.short:
        options.relays, options.requests, options.outage = 3, 1600, 12
    if not shutil.which("redis-server"):
        sys.exit("rate.py needs redis-server")
    failures = []
    with common.workspace() as folder:
        broker = common.Broker(folder)
        try:
            lines = asyncio.run(run(options, folder, broker, failures))
        finally:
            broker.remove()
        sys.exit(common.report("rate", lines, failures))


if __name__ == "__main__":
    main()
