"""Hostile messages among good ones: every good one is answered in time, each hostile one is accounted for.

    environment.sh hostile.py [--good N]

All messages of hostile_messages.py are published by hand-made frames while good requests keep the relay busy. What
became of each is read from the reply queue, the dead-letter queues and the queue for answers that nobody takes; queues
of others, which some messages try to reach, must stay empty; the relay must neither restart nor lose a channel. The
table is left in .reports/hostile.txt.
"""

import argparse
import asyncio
import collections
import re
import threading
import time

import aio_pika

import common
import hostile_messages
import raw_amqp

GOOD_REPLIES = "ocr.reply.good"
WINDOW = 40
MARKER = re.compile(rb"hostile-[0-9a-f]{32}")
ENDS = ["refused by broker", "result", "typed error", "dead only", "parked", "lost"]
# The worst that an innocent neighbour may wait.
STALL_SECONDS = 5.0
# Kinds of which none may cost a call.
NEVER_CALLED = {"addresses", "unknown types"}


class Mailboxes:
    """Everything that arrives in the queues that answers and copies may end in, read in a thread of its own."""

    def __init__(self, url, names):
        self.replies, self.dead, self.parked = (collections.defaultdict(list) for _ in range(3))
        self.unknown = []
        self.reader = raw_amqp.Reader(url, names)
        self.thread = threading.Thread(target=self.collect, daemon=True)
        self.thread.start()

    def collect(self):
        while True:
            try:
                queue, properties, body = self.reader.read()
            except raw_amqp.Closed:
                return
            kind = properties.get("type", b"").decode(errors="replace")
            texts = [properties.get(name, b"") for name in ["correlation_id", "message_id", "headers"]]
            found = MARKER.search(b" ".join([*texts, body[-200:]]))
            if found is None:
                self.unknown.append((queue, properties, body[-200:]))
                continue
            place = (
                self.parked if queue == "ocr.unroutable" else self.dead if queue.startswith("ocr.dead.") else self.replies)
            place[found[0].decode()].append((queue, kind))


class Good:
    """Requests in order, at most WINDOW unanswered, and how long each waited."""

    def __init__(self):
        self.waiting = {}  # id: future
        self.number = 0

    async def connect(self, url):
        self.connection = await aio_pika.connect(url)
        self.channel = await self.connection.channel()
        for name in [GOOD_REPLIES, hostile_messages.REPLIES]:
            await self.channel.declare_queue(name, durable=True)
        await (await self.channel.get_queue(GOOD_REPLIES)).consume(self.collect, no_ack=True)

    def collect(self, message):
        future = self.waiting.get(message.correlation_id)
        if future is not None and not future.done():
            future.set_result(message)

    async def run(self, count, beside=lambda index: None):
        places, waits = asyncio.Semaphore(WINDOW), []

        async def ask(index):
            try:
                waits.append(await self.ask())
            finally:
                places.release()

        tasks = []
        for index in range(count):
            await places.acquire()
            beside(index)
            tasks.append(asyncio.create_task(ask(index)))
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        return sorted(waits), [end for end in ended if end is not None]

    async def ask(self):
        self.number += 1
        name = f"good-{self.number:035d}"
        answer = self.waiting[name] = asyncio.get_running_loop().create_future()
        began = time.monotonic()
        await common.publish(self.channel, name, hostile_messages.address(name), GOOD_REPLIES)
        reply = await asyncio.wait_for(answer, 60)
        if reply.type != "ocr.result.v1" or name.encode() not in reply.body:
            raise AssertionError(f"{name}: {reply.type} {reply.body[:200]}")
        return time.monotonic() - began


class Hostile:
    """Publishes hostile messages one after the other, on a new connection whenever the broker has closed the last."""

    def __init__(self, url):
        self.url = url
        self.publisher = None
        self.outcomes = {}  # marker: (kind, what the broker said)

    def publish(self, kind, name, key, properties, body):
        self.publisher = self.publisher or raw_amqp.Publisher(self.url)
        try:
            outcome = self.publisher.publish("", key, properties, body)
        except raw_amqp.Closed as closed:
            outcome, self.publisher = f"closed: {closed}", None
        self.outcomes[name] = (kind, outcome)


async def declare_foreign(connection):
    """Queues of others, reachable through every exchange that the messages name."""
    channel = await connection.channel()
    names = ["billing.invoices", "hostile.foreign"]
    exchange = await channel.declare_exchange("hostile.exchange", "fanout", durable=True)
    for name in names:
        queue = await channel.declare_queue(name, durable=True)
        for known in ["amq.direct", "amq.fanout", "amq.topic", "amq.headers"]:
            await queue.bind(known, "#" if known == "amq.topic" else name)
        await queue.bind(exchange, "")
    await channel.declare_queue("hostile.copies", durable=True)
    return names


def percentiles(waits):
    pick = lambda share: waits[min(len(waits) - 1, int(len(waits) * share))] * 1_000
    return f"p50 {pick(0.5):.0f} ms, p99 {pick(0.99):.0f} ms, longest {pick(1):.0f} ms"


async def run(options, broker, relay):
    good, hostile = Good(), Hostile(broker.url)
    await good.connect(broker.url)
    foreign = await declare_foreign(good.connection)
    names = [name for name in await asyncio.to_thread(broker.queues) if name.startswith("ocr.dead.")]
    mailboxes = Mailboxes(broker.url, names + [hostile_messages.REPLIES, "ocr.unroutable"])
    calm, failed = await good.run(1_000)
    messages = list(hostile_messages.all_messages())
    pending = asyncio.Queue()

    async def publish_hostile():
        for _ in messages:
            await asyncio.to_thread(hostile.publish, *await pending.get())

    publishing = asyncio.create_task(publish_hostile())
    queued = iter(messages)
    shares = [len(messages) * index // options.good for index in range(options.good + 1)]

    def beside(index):
        for _ in range(shares[index + 1] - shares[index]):
            pending.put_nowait(next(queued))

    beset, failed_beset = await good.run(options.good, beside)
    await publishing
    after, failed_after = await good.run(100)
    # Answered after everything before it: nothing hostile is in work any more but what waits in a retry level.
    await settle(mailboxes, hostile)
    failed += failed_beset + failed_after
    depths = await asyncio.to_thread(broker.depths, foreign + ["hostile.copies"])
    await good.connection.close()
    mailboxes.reader.close()
    lines = [
        f"{options.good} good requests: {len(beset)} answered", f"  alone:             {percentiles(calm)}",
        f"  among hostile ones: {percentiles(beset)}", ""]
    failures = [f"{len(failed)} good requests failed, the first: {failed[0]!r}"] if failed else []
    if max(beset + after) > STALL_SECONDS:
        failures.append(f"a good request waited {max(beset + after):.1f} s")
    return lines, failures, mailboxes, hostile, depths


async def settle(mailboxes, hostile):
    """Waits until all that the broker took has ended."""
    until = time.monotonic() + 40
    while time.monotonic() < until:
        missing = [name for name, (_, said) in hostile.outcomes.items() if end_of(name, said, mailboxes) == "lost"]
        if not missing:
            return
        await asyncio.sleep(0.5)


def end_of(name, said, mailboxes):
    replies, dead, parked = mailboxes.replies[name], mailboxes.dead[name], mailboxes.parked[name]
    if said not in ("confirmed", "returned"):
        return "refused by broker"
    if replies:
        return "result" if replies[0][1] == "ocr.result.v1" else "typed error"
    return "parked" if parked else "dead only" if dead else "lost"


def judge(mailboxes, hostile, depths, calls):
    table = collections.defaultdict(collections.Counter)
    failures = []
    for name, (kind, said) in hostile.outcomes.items():
        end = end_of(name, said, mailboxes)
        table[kind][end] += 1
        copies = (len(mailboxes.replies[name]) + len(mailboxes.parked[name]), len(mailboxes.dead[name]))
        if max(copies) > 1 or (end == "refused by broker" and max(copies) > 0):
            failures.append(f"{kind}: {name} ended {copies} times: {said} {mailboxes.replies[name]} {mailboxes.dead[name]}")
        if end == "lost":
            failures.append(f"{kind}: {name} has no end; the broker said {said}")
        if kind in NEVER_CALLED and calls.get(name):
            failures.append(f"{kind}: {name} cost a call")
    copied = sum(said == "confirmed" for kind, said in hostile.outcomes.values() if kind == "CC and BCC")
    expected = {name: copied if name == "hostile.copies" else 0 for name in depths}
    if depths != expected:
        failures.append(f"queues of others: {depths}, expected {expected}")
    if injected := [name for name, made in calls.items() if any(given == "injected" for _, _, given in made)]:
        failures.append(f"headers were injected by {injected}")
    # Where not even the properties can be read there is nobody to answer: the error goes to the results exchange.
    nameless = [entry for entry in mailboxes.unknown if entry[0] == "ocr.unroutable" and b"ocr-derived-id" in entry[1]["headers"]]
    unreadable = table["nested headers"]["dead only"]
    if len(mailboxes.unknown) > len(nameless) or len(nameless) > unreadable:
        failures.append(f"{len(mailboxes.unknown)} messages of nobody: {mailboxes.unknown[:3]}")
    lines = [f"{'hostile messages':<18}{'sent':>6}" + "".join(f"{end:>19}" for end in ENDS)]
    total = collections.Counter()
    for kind, ends in [*table.items(), ("all", total)]:
        lines.append(f"{kind:<18}{sum(ends.values()):>6}" + "".join(f"{ends[end]:>19}" for end in ENDS))
        total.update(ends)
    return lines, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--good", type=int, default=5_000)
    options = parser.parse_args()
    with common.workspace() as folder:
        broker, stub = common.Broker(folder), common.Stub(folder)
        try:
            relay = common.Relay(folder, "relay", broker.url, f"{stub.url}/scripted/delay10", stub.url)
            relay.await_line("notice consuming")
            lines, failures, mailboxes, hostile, depths = asyncio.run(run(options, broker, relay))
            rows, found = judge(mailboxes, hostile, depths, stub.ledger())
            closes = relay.log_file.read_text(errors="replace").count("no connection to the broker")
            starts = relay.log_file.read_text(errors="replace").count("notice consuming")
            lines += [*rows, "", f"channels closed {closes}, relay started {starts} time, "
                      f"its peak memory {relay.peak_memory_mib():.0f} MiB"]
            failures += found
            if closes or starts != 1:
                failures.append(f"the relay lost its channel {closes} times and began to consume {starts} times")
            code = relay.terminate()
            if code != 0:
                failures.append(f"the relay ended with {code}")
        finally:
            stub.kill()
            broker.remove()
        verdict = common.report("hostile", lines, failures)
        if verdict:
            raise SystemExit(verdict)


main()
