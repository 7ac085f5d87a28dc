"""What one publisher, or one queue, can do to the others.

    environment.sh fairness.py [--relays N] [--seconds N] [--short]

Several publishers ask little; then one more floods the same queue with a hundred times as much as they ask together, and
after it somebody floods another lane. The wait of the others, from the publish to the call, is compared. At the end every
request of the flood must still be there. Prints a table, and leaves it in .reports/fairness.txt.
"""

import argparse
import asyncio
import random
import shutil
import sys
import time

import common
from rate_service import Redis, Requests, Service

OTHERS = 5
QUEUES = ["ocr.requests", "ocr.requests.overflow", "ocr.requests.bulk"]


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("inf")


class Stage:
    """Who asks, and how long they wait."""

    def __init__(self, service, others, flooder, options):
        self.service, self.others, self.flooder, self.options = service, others, flooder, options
        self.random = random.Random(options.seed)

    async def offer(self, phase):
        await asyncio.gather(*(
            self.others.offer(
                self.options.load / OTHERS, self.options.seconds, self.random, user=f"team-{n}", marker=f"{phase}-")
            for n in range(OTHERS)))

    async def waits(self, phase):
        """Seconds from publish to call of each of the others' requests; one that is not called for counts as endless."""
        names = [name for name in self.others.published if name.startswith(f"{phase}-")]
        until = time.monotonic() + 60
        while not all(name in self.service.begun for name in names) and time.monotonic() < until:
            await asyncio.sleep(0.1)
        return [self.service.begun.get(name, float("inf")) - self.others.published[name] for name in names]

    async def flood(self, **options):
        await self.flooder.flood(100 * self.options.load, self.options.seconds, marker="flood-", **options)


async def run(options, folder, broker, failures):
    service = Service(options.calls, options.window)
    port = common.free_port()
    redis = Redis(folder, port)
    settings = {
        "rate_store": "redis", "rate_max_relays": options.relays, "redis_url": f"redis://127.0.0.1:{port}",
        "redis_budget_ms": 500, "rate_limits": f"{options.calls}/{options.window}s", "log_level": "info",
        "results_kind": "off", "amqp_overflow_queue": QUEUES[1], "amqp_lanes": f"{QUEUES[0]}=4,{QUEUES[2]}=1",
    }
    relays = [
        common.Relay(folder, f"relay-{n}", broker.url, service.url, service.url, **settings)
        for n in range(options.relays)]
    for relay in relays:
        relay.await_line("the rate is shared")
        relay.await_line("notice consuming")
    broker.control("set_user_tags", "guest", "administrator", "impersonator")
    others, flooder = Requests(broker.url), Requests(broker.url)
    await others.open()
    await flooder.open(confirms=False)
    stage = Stage(service, others, flooder, options)
    per_second = options.calls / options.window
    lines = [
        f"{options.relays} relays, a limit of {per_second:g} calls a second; {OTHERS} publishers ask {options.load:g} a second "
        f"together, the flood is {100 * options.load:g} a second for {options.seconds} s", "",
        f"{'phase':34} {'requests':>9} {'p50 ms':>8} {'p99 ms':>8} {'limit used':>11}"]

    async def phase(name, marker, flood=None):
        begin = time.monotonic()
        await asyncio.gather(stage.offer(marker), *([flood] if flood else []))
        end = time.monotonic()
        waits = await stage.waits(marker)
        p50, p99 = (percentile(waits, part) * 1000 for part in (0.5, 0.99))
        lines.append(f"{name:34} {len(waits):9} {p50:8.0f} {p99:8.0f} {service.used(begin, end):11.0%}")
        return p99

    calm = await phase("no flood", "calm")
    flooded = await phase("flood in the same queue", "same", stage.flood(user="flooder"))
    if flooded > 2 * calm:
        failures.append(f"with the flood the others wait {flooded:.0f} ms, without it {calm:.0f} ms")
    lane = await phase("flood in another lane", "lane", stage.flood(user="bulk", queue=QUEUES[2]))
    if lane > 2 * calm:
        failures.append(f"with a flood in another lane the others wait {lane:.0f} ms, without it {calm:.0f} ms")

    refused = sum(status == 429 for _, status in service.ledger)
    codes = [relay.terminate() for relay in relays]
    await asyncio.sleep(1)
    depths = broker.depths()
    left = sum(depths[queue] for queue in QUEUES)
    answered = len(others.attempts) + len(flooder.attempts)
    asked = others.expected + flooder.expected
    stray = {name: count for name, count in depths.items() if count and name not in QUEUES}
    lines += ["", f"{asked} requests: {answered} answered, {left} wait ({depths[QUEUES[1]]} of them set aside), "
              f"{refused} calls refused"]
    if answered + left != asked or stray:
        failures.append(f"{asked - answered - left} of {asked} requests are lost, elsewhere {stray}")
    if refused or any(codes):
        failures.append(f"{refused} calls refused, exit codes {codes}")
    for requests in (others, flooder):
        await requests.connection.close()
    redis.kill()
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--relays", type=int, default=3)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--load", type=float, default=4, help="requests a second of all others together")
    parser.add_argument("--seconds", type=int, default=60, help="of each phase")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="two relays, 25 s for each phase")
    options = parser.parse_args()
    if options.short:
        options.relays, options.seconds = 2, 25
    if not shutil.which("redis-server"):
        sys.exit("fairness.py needs redis-server")
    failures = []
    with common.workspace() as folder:
        broker = common.Broker(folder)
        try:
            lines = asyncio.run(run(options, folder, broker, failures))
        finally:
            broker.remove()
        sys.exit(common.report("fairness", lines, failures))


if __name__ == "__main__":
    main()
