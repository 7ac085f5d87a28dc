"""Many requests at once for a service with a hard limit, through several relays that share one rate through Redis.

    environment.sh rate.py [--relays N] [--requests N] [--calls N] [--seconds N] [--outage N] [--only PHASE] [--short]

The service is a server here that counts every call, refused ones included, in any window. Phases: keep (the limit is learnt
and kept, Redis is killed and comes back), outage (the service answers 503 to everybody), change (the service lowers its
limit to a fifth and raises it again), scale (1, 8 and 2 relays) and at_once (a bound for calls at once, and a relay that is
killed). Prints a table, and leaves it in .reports/rate.txt.
"""

import argparse
import asyncio
import shutil
import sys
import time

import common
from rate_service import Redis, Requests, Service


class Run:
    """The service, Redis, relays and requests of one phase, and the rows that it adds to the table."""

    def __init__(self, folder, broker, name, calls, seconds, failures, lines):
        self.folder, self.broker, self.name, self.failures, self.lines = folder, broker, name, failures, lines
        self.service = Service(calls, seconds)
        self.port = common.free_port()
        self.redis = Redis(folder, self.port)
        self.relays, self.started, self.codes = [], 0, []
        self.requests = Requests(broker.url)

    async def start(self, count, **settings):
        settings = {
            "rate_store": "redis", "rate_max_relays": 8, "redis_url": f"redis://127.0.0.1:{self.port}",
            "redis_budget_ms": 200, "rate_start_calls_per_second": 10, "amqp_prefetch": 20, "log_level": "info",
            "results_kind": "off"} | settings
        fresh = [
            common.Relay(
                self.folder, f"{self.name}-{self.started + n}", self.broker.url, self.service.url, self.service.url,
                **settings)
            for n in range(count)]
        self.started += count
        self.relays += fresh
        for relay in fresh:
            await asyncio.to_thread(relay.await_line, "notice consuming")

    async def stop(self, count):
        leaving, self.relays = self.relays[:count], self.relays[count:]
        self.codes += await asyncio.gather(*(asyncio.to_thread(relay.terminate) for relay in leaving))

    def row(self, name, start, end, least=0.0, most=None):
        part = self.service.part(start, end)
        refused = sum(status == 429 for _, status in part)
        used, peak = self.service.used(start, end), self.service.most_in_a_window(start, end)
        self.lines.append(f"{name:38} {used:6.1%} {peak:9} {refused:8}")
        common.log(self.lines[-1])
        if used < least:
            self.failures.append(f"{name}: {used:.1%} of the limit used, not {least:.0%}")
        if most and peak > most:
            self.failures.append(f"{name}: {peak} calls in a window of {most}")

    async def until(self, time_of_end):
        await asyncio.sleep(max(0, time_of_end - time.monotonic()))

    async def end(self):
        """Everything was answered once, and nothing is dead."""
        if not await self.requests.answered(self.requests.expected):
            self.failures.append(f"{self.name}: {len(self.requests.attempts)} of {self.requests.expected} answered")
        await self.stop(len(self.relays))
        answers = self.requests.answers
        doubled = sum(count > 1 for name, count in answers.items() if name != "bad")
        bad = answers.get("bad", 0)
        dead = sum(count for name, count in self.broker.depths().items() if name.startswith("ocr.dead."))
        verdict = f"{self.requests.expected} requests: {bad} errors, {dead} dead letters, {doubled} answered twice"
        self.lines += [verdict, ""]
        if bad or dead or doubled:
            self.failures.append(f"{self.name}: {verdict}")
        if any(self.codes):
            self.failures.append(f"{self.name}: exit codes {self.codes}")
        await self.requests.connection.close()
        self.redis.kill()


async def keep(run, options):
    """The limit is learnt from refusals and kept, also while Redis is away and when it comes back."""
    service, window = run.service, run.service.seconds
    await run.start(options.relays, rate_probe="false")
    await run.requests.open()
    begin = time.monotonic()
    await run.requests.publish(options.requests)
    whole_time = options.requests / (service.calls / window)
    learnt = begin + 4 * window + 3
    steady = learnt + 0.4 * whole_time
    await run.until(steady)
    run.row("learning", begin, learnt)
    run.row("steady", learnt, steady, 0.95, service.calls)
    run.redis.kill()
    away = time.monotonic()
    await asyncio.sleep(options.outage / 2)
    back = time.monotonic()
    run.row(f"Redis killed for {options.outage // 2} s", away + 4, back, 0.6, service.calls)
    run.redis = Redis(run.folder, run.port)
    await asyncio.sleep(10)
    full = time.monotonic()
    run.row("ten seconds after its return", back, full, 0, service.calls)
    rest = full + max(0.15 * whole_time, 2 * window)
    await run.until(rest)
    run.row("full again", full, rest, 0.93, service.calls)
    await run.requests.answered(options.requests, 3 * whole_time)
    row_end = time.monotonic()
    run.row("all", begin, row_end)
    late = service.calls_into_a_pause(begin, learnt, window)
    run.lines.append(f"calls later than 250 ms after a refusal, in the pause that follows it: {late}")
    if late:
        run.failures.append(f"{late} calls into the pause")
    refused = sum(status == 429 for _, status in service.ledger)
    if refused > 0.01 * len(service.ledger):
        run.failures.append(f"{refused} of {len(service.ledger)} calls refused")
    if service.most_in_a_window(learnt, row_end) > service.calls:
        run.failures.append(f"{service.most_in_a_window(learnt, row_end)} calls in a window after learning")


async def outage(run, options):
    """The service is down under load: a probe now and then, nothing fails, and the queue is drained at the limit."""
    service = run.service
    await run.start(options.relays, rate_limits=f"{service.calls}/{service.seconds}s")
    await run.requests.open()
    await run.requests.publish(20)
    await run.requests.answered(20, 60)
    service.is_down = True
    await run.requests.publish(options.load)
    down = time.monotonic()
    await asyncio.sleep(options.outage)
    up = time.monotonic()
    # A machine that runs the tests beside this is slow to close, and has less time to make up for it.
    settled = down + (5 if options.short else 2)
    calls, busiest = len(service.part(down, up)), service.most_in_a_second(settled, up)
    service.is_down = False
    answered = len(run.requests.attempts)
    while len(run.requests.attempts) < answered + options.load // 4:
        await asyncio.sleep(0.1)
    begin = time.monotonic()
    while len(run.requests.attempts) < run.requests.expected - options.load // 10:
        await asyncio.sleep(0.1)
    least = 0 if options.short else 0.9
    run.row(f"drained after {options.outage} s of 503", begin, time.monotonic(), least, service.calls)
    run.lines += [f"calls in these {up - down:.0f} s: {calls}",
                  f"after {settled - down:.0f} s of it: at most {busiest} in any second"]
    if calls > max(up - down, 30) or busiest > 1:
        run.failures.append(f"{calls} calls in {up - down:.0f} s, up to {busiest} in a second")


async def change(run, options):
    """The service lowers its limit to a fifth, and raises it again."""
    service, window, full = run.service, run.service.seconds, run.service.calls
    await run.start(options.relays)
    await run.requests.open()
    begin = time.monotonic()
    feed = asyncio.create_task(run.requests.keep_waiting(5 * full, 22 * window))
    await asyncio.sleep(5 * window)
    run.row(f"limit {full}", begin + 3 * window, time.monotonic(), 0.9)
    service.calls = full // 5
    low = time.monotonic()
    await asyncio.sleep(5 * window)
    run.row(f"lowered to {full // 5}: first window", low, low + window)
    run.row("from the second window on", low + window, time.monotonic(), 0.6, int(1.1 * service.calls))
    service.calls = full
    high = time.monotonic()
    await asyncio.sleep(12 * window)
    for first, last, least in [(0, 5, 0), (5, 9, 0), (9, 12, 0.95)]:
        run.row(f"raised to {full}: windows {first + 1} to {last}", high + first * window, high + last * window, least)
    await feed


async def scale(run, options):
    """Relays come and go under load."""
    service, window = run.service, run.service.seconds
    await run.start(1, rate_limits=f"{service.calls}/{window}s")
    await run.requests.open()
    feed = asyncio.create_task(run.requests.keep_waiting(5 * service.calls, 12 * window))
    settled = time.monotonic() + 2
    await run.until(settled)
    begin = settled
    for step, relays in [(0, 1), (7, 8), (-6, 2)]:
        if step > 0:
            await run.start(step, rate_limits=f"{service.calls}/{window}s")
        if step < 0:
            await run.stop(-step)
        await asyncio.sleep(4 * window)
        end = time.monotonic()
        run.row(f"{relays} relays" if relays > 1 else "1 relay", begin, end, 0.9, service.calls)
        begin = end
    run.row("all the time", settled, begin, 0.9, service.calls)
    await feed


async def at_once(run, options):
    """Calls at once have a bound for all relays together, also when one of them is killed."""
    service, bound = run.service, 12
    service.seconds_of_a_call = 0.25
    await run.start(
        options.relays, rate_limits=f"{service.calls}/{service.seconds}s", rate_max_concurrent_calls=bound)
    await run.requests.open()
    feed = asyncio.create_task(run.requests.keep_waiting(300, 20))
    await asyncio.sleep(5)
    service.most_running = service.running
    run.relays.pop().kill()
    await asyncio.sleep(12)
    begin, answered = time.monotonic(), len(service.ledger)
    await feed
    used = (len(service.ledger) - answered) * service.seconds_of_a_call / (time.monotonic() - begin) / bound
    run.lines.append(f"at most {service.most_running} calls at once, {bound} allowed; {used:.1%} of them used at the end")
    if service.most_running > bound or used < 0.6:
        run.failures.append(run.lines[-1])


async def run(options, folder, broker, failures):
    lines = [f"{options.relays} relays", "", f"{'phase':38} {'used':>6} {'in window':>9} {'refused':>8}"]
    phases = [(keep, options.calls, options.seconds), (outage, 50, 5), (change, 100, 6), (scale, 50, 5),
              (at_once, 1000, 1)]
    for phase, calls, seconds in phases:
        if options.only and options.only != phase.__name__:
            continue
        lines.append(f"{phase.__name__}: {calls} calls in any {seconds} s")
        part = Run(folder, broker, phase.__name__, calls, seconds, failures, lines)
        await phase(part, options)
        await part.end()
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--relays", type=int, default=8)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--outage", type=int, default=60, help="seconds that the service is down; Redis half of it")
    parser.add_argument("--load", type=int, default=600, help="requests that come while the service is down")
    parser.add_argument("--only", choices=["keep", "outage", "change", "scale", "at_once"])
    parser.add_argument("--short", action="store_true", help="three relays, an outage of twelve seconds and nothing else")
    options = parser.parse_args()
    if options.short:
        options.only, options.relays, options.outage, options.load = "outage", 3, 12, 60
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
