"""Sends messages that kill every relay that works on them, among good ones: only the deadly ones end as poison.

    environment.sh poison.py [--requests N] [--poison N] [--relays N] [--short] [--seed N]

The relays must be built with failpoints (`make poison` does). A deadly message kills its relay with SIGKILL when its call
would begin, beside whatever else is in work; the proof starts each dead relay again, as a supervisor would. In the end
every good request has its result, though a kill may have doubled what was in flight; every deadly one has its typed error
and its dead letter, byte for byte; and no good one is among the dead. The report is left in .reports/poison.txt.
"""

import argparse
import asyncio
import collections
import random
import time
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.poison"
DEAD = "ocr.dead.poison"
MARK = "deadly-"
PREFETCH = 50
DELIVERY_LIMIT = 20


class Ends:
    """Publishes requests and notes what becomes of each."""

    def __init__(self, url):
        self.url = url
        self.bodies = {}
        self.replies = collections.defaultdict(list)
        self.dead = collections.defaultdict(list)
        self.open = set()
        self.over = asyncio.Event()

    async def connect(self):
        self.connection = await aio_pika.connect(self.url)
        self.publishing = await self.connection.channel()
        consuming = await self.connection.channel()
        for name, notes in [(REPLIES, self.replies), (DEAD, self.dead)]:
            queue = await consuming.declare_queue(name, durable=True, passive=name != REPLIES)
            # Without acknowledgements: a message that is read twice was published twice.
            await queue.consume(lambda message, notes=notes: self.note(notes, message), no_ack=True)

    def note(self, notes, message):
        name = message.message_id if notes is self.dead else message.correlation_id
        notes[name].append(message)
        if self.replies[name] and (self.dead[name] or not name.startswith(MARK)):
            self.open.discard(name)
        if not self.open:
            self.over.set()

    async def publish(self, name):
        self.bodies[name] = f'{{"url":"https://pictures.example.com/{name}"}}'.encode()
        self.open.add(name)
        await common.publish(self.publishing, name, self.bodies[name], REPLIES)


async def supervise(start, number, deaths, is_over):
    """Keeps one relay running; notes each death."""
    relay = start(number)
    while not is_over.is_set():
        code = await asyncio.to_thread(relay.await_end, 0.2)
        if code is None:
            continue
        deaths.append((number, code))
        relay = start(number)
    return relay


async def run(options, folder, broker, stub):
    # A relay of its own declares the queues before anybody publishes.
    def start(number):
        return common.Relay(
            folder, f"relay-{number}", broker.url, f"{stub.url}/delay5", stub.url, amqp_prefetch=PREFETCH,
            failpoint=f"poison:{MARK}")

    first = start("first")
    await asyncio.to_thread(first.await_line, "notice consuming")
    await asyncio.to_thread(first.terminate)
    ends = Ends(broker.url)
    await ends.connect()
    names = [f"good-{uuid.uuid4().hex}" for _ in range(options.requests)]
    names += [MARK + uuid.uuid4().hex for _ in range(options.poison)]
    options.random.shuffle(names)
    for begin in range(0, len(names), 500):
        await asyncio.gather(*map(ends.publish, names[begin : begin + 500]))
    deaths, is_over = [], asyncio.Event()
    begun = time.monotonic()
    supervising = [asyncio.create_task(supervise(start, n, deaths, is_over)) for n in range(options.relays)]
    try:
        await asyncio.wait_for(ends.over.wait(), options.seconds)
    except asyncio.TimeoutError:
        pass
    seconds = time.monotonic() - begun
    is_over.set()
    codes = [await asyncio.to_thread((await task).terminate) for task in supervising]
    await drain(broker)
    await ends.connection.close()
    return judge(options, ends, deaths, codes, seconds, await asyncio.to_thread(broker.depths))


async def drain(broker):
    """Waits until our consumers have taken what the relays published last."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        depths = await asyncio.to_thread(broker.depths, [REPLIES, DEAD])
        if not any(depths.values()):
            return
        await asyncio.sleep(0.1)


def judge(options, ends, deaths, codes, seconds, depths):
    good = [name for name in ends.bodies if not name.startswith(MARK)]
    deadly = [name for name in ends.bodies if name.startswith(MARK)]
    kinds = lambda name: {message.type for message in ends.replies[name]}
    answered = [name for name in good if kinds(name) == {"ocr.result.v1"}]
    doubled = [name for name in good if len(ends.replies[name]) > 1]
    different = [
        name for name in doubled if len({(m.message_id, bytes(m.body)) for m in ends.replies[name]}) > 1]
    innocents = [name for name in good if ends.dead[name]]
    told = [
        name for name in deadly
        if kinds(name) == {"ocr.error.v1"} and all(b"OCR_POISON" in m.body for m in ends.replies[name])]
    kept = [name for name in deadly if [bytes(m.body) for m in ends.dead[name]] == [ends.bodies[name]]]
    strangers = [name for name in [*ends.replies, *ends.dead] if name not in ends.bodies]
    bound = options.poison * (DELIVERY_LIMIT - 1)
    lines = [
        f"seed {options.seed}, {options.relays} relays with a prefetch of {PREFETCH}, over after {seconds:.1f} s",
        "",
        f"{'good requests':<44}{len(good):>8}",
        f"{'  answered with their result':<44}{len(answered):>8}",
        f"{'  answered twice, in flight at a death':<44}{len(doubled):>8}",
        f"{'  dead as poison':<44}{len(innocents):>8}",
        f"{'deadly requests':<44}{len(deadly):>8}",
        f"{'  told so by a typed error':<44}{len(told):>8}",
        f"{'  kept once, byte for byte':<44}{len(kept):>8}",
        f"{'deaths of relays':<44}{len(deaths):>8}",
        f"{'  at most':<44}{bound:>8}",
    ]
    failures = []
    for what, found, wanted in [
        ("good requests with a result", len(answered), len(good)), ("good requests dead as poison", len(innocents), 0),
        ("deadly requests with a typed error", len(told), len(deadly)),
        ("deadly requests kept once", len(kept), len(deadly)), ("answers that differ", len(different), 0),
        ("unknown messages", len(strangers), 0), ("last relays that ended badly", sum(map(bool, codes)), 0),
        ("deaths by something else", sum(code != -9 for _, code in deaths), 0),
    ]:
        if found != wanted:
            failures.append(f"{what}: {found}, not {wanted}")
    if len(deaths) > bound:
        failures.append(f"{len(deaths)} deaths, of which only {bound} can be due to the deadly requests")
    if len(doubled) > len(deaths) * PREFETCH:
        failures.append(f"{len(doubled)} requests answered twice, more than were in flight at deaths")
    left = {name: depth for name, depth in depths.items() if depth}
    if left:
        failures.append(f"messages are left: {left}")
    return lines, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=10_000, help="good requests")
    parser.add_argument("--poison", type=int, default=10, help="deadly requests")
    parser.add_argument("--relays", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=900, help="time for everything to end")
    parser.add_argument("--short", action="store_true", help="a tenth of it")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    if options.short:
        options.requests, options.poison = 1_000, 2
    options.random = random.Random(options.seed)
    with common.workspace() as folder:
        broker, stub = common.Broker(folder), common.Stub(folder)
        try:
            lines, failures = asyncio.run(run(options, folder, broker, stub))
        finally:
            stub.kill()
            broker.remove()
        verdict = common.report("poison", lines, failures)
        if verdict:
            raise SystemExit(verdict)


main()
