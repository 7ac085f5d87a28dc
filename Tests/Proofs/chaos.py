"""A broker that stops and relays that are killed, under load: no confirmed request is lost, and every duplicate was in
flight at a fault.

    environment.sh chaos.py [--stops N] [--kills N] [--rate N]

Two relays share the queue. Requests are published with confirms, again under the same id when the confirm is missing.
Replies stay in a durable queue until the end, so that a reply that is read twice is one that was published twice. The
stub's log tells when each request was with the OCR service. The counts are named as Jepsen names them; the report is
left in .reports/chaos.txt.
"""

import argparse
import asyncio
import collections
import json
import logging
import random
import sys
import time
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.chaos"
PREFETCH = 20
DELAY_MS = 100
# After the OCR service answered, a reply still has to be confirmed and the request to be acknowledged.
SETTLING_SECONDS = 2.0


class Publisher:
    """Publishes at a steady rate until it is told to stop, and never gives up on a request."""

    CONNECTIONS = 4

    def __init__(self, url, rate):
        self.url, self.rate = url, rate
        self.running = True
        self.attempted, self.confirmed = {}, set()
        self.again = {}  # id: times of publishes whose confirm never came

    async def run(self):
        await asyncio.gather(*(self.run_one() for _ in range(self.CONNECTIONS)))

    async def run_one(self):
        connection = channel = None
        while self.running:
            name = f"{len(self.attempted):08d}{uuid.uuid4().hex}"
            self.attempted[name] = time.time()
            while name not in self.confirmed:
                try:
                    if connection is None or connection.is_closed or channel.is_closed:
                        connection = await asyncio.wait_for(aio_pika.connect(self.url), 10)
                        channel = await connection.channel()
                    await asyncio.wait_for(self.publish(channel, name), 10)
                    self.confirmed.add(name)
                except Exception:  # whatever it is: the confirm is missing, so the request is sent again
                    self.again.setdefault(name, []).append(time.time())
                    connection = None
                    await asyncio.sleep(0.2)
            await asyncio.sleep(self.CONNECTIONS / self.rate)
        if connection is not None:
            await connection.close()

    async def publish(self, channel, name):
        body = '{"url":"https://pictures.example.com/' + name + '"}'
        await common.publish(channel, name, body.encode(), REPLIES)


class Faults:
    """What was done to the programs, and when."""

    def __init__(self, broker, relays):
        self.broker, self.relays = broker, relays
        self.log = []

    def note(self, kind, began):
        self.log.append((kind, began, time.time()))
        common.log(f"fault {len(self.log)}: {kind}")

    async def stop_broker(self):
        began = time.time()
        await asyncio.to_thread(self.broker.stop)
        await asyncio.to_thread(self.broker.start)
        self.note("broker stopped and started", began)

    async def kill_relay(self, index):
        began = time.time()
        self.relays[index].kill()
        self.relays[index] = self.relays[index].again()
        self.note("relay killed", began)


async def settle(broker, publisher):
    """Waits until there are as many replies as confirmed requests and nothing else waits anywhere."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        depths = await asyncio.to_thread(broker.depths)
        replies = depths.pop(REPLIES)
        if replies >= len(publisher.confirmed) and not any(depths.values()):
            return
        await asyncio.sleep(0.5)


def left_over(broker):
    return {name: depth for name, depth in broker.depths().items() if depth and name != REPLIES}


async def read_replies(url):
    connection = await aio_pika.connect(url)
    channel = await connection.channel()
    queue = await channel.declare_queue(REPLIES, durable=True, arguments={"x-queue-type": "quorum"})
    replies = collections.defaultdict(list)
    while message := await queue.get(no_ack=True, fail=False):
        replies[message.correlation_id].append((message.message_id, message.type, message.body))
    await connection.close()
    return replies


async def run(options, folder, broker, stub):
    connection = await aio_pika.connect(broker.url)
    channel = await connection.channel()
    await channel.declare_queue(REPLIES, durable=True, arguments={"x-queue-type": "quorum"})
    await connection.close()
    start = lambda name: common.Relay(
        folder, name, broker.url, f"{stub.url}/delay{DELAY_MS}", stub.url, amqp_prefetch=PREFETCH,
        amqp_reconnect_min_seconds=0.1, amqp_reconnect_max_seconds=1)
    relays = [start("relay-1"), start("relay-2")]
    for relay in relays:
        await asyncio.to_thread(relay.await_line, "notice consuming")
    publisher, faults = Publisher(broker.url, options.rate), Faults(broker, relays)
    publishing = asyncio.create_task(publisher.run())
    plan = [faults.stop_broker] * options.stops + [None] * options.kills
    random.Random(options.seed).shuffle(plan)
    for number, fault in enumerate(plan):
        await asyncio.sleep(options.pause)
        await (fault() if fault else faults.kill_relay(number % len(relays)))
    await asyncio.sleep(options.pause)
    publisher.running = False
    await publishing
    await settle(broker, publisher)
    codes = [await asyncio.to_thread(relay.terminate) for relay in relays]
    # The relays are gone, so what they had not acknowledged is in its queue again.
    left = await asyncio.to_thread(left_over, broker)
    return publisher, faults.log, left, codes, await read_replies(broker.url)


def in_flight(calls, fault):
    """Whether a request was with a relay at the time of a fault, by the calls made for it."""
    _, began, ended = fault
    return any(begin <= ended and end >= began - SETTLING_SECONDS for begin, end, _ in calls)


def judge(publisher, faults, left, codes, replies, calls):
    def is_good(name, reply):
        _, kind, body = reply
        return kind == "ocr.result.v1" and json.loads(body)["result"]["marker"] == name

    ok = {name for name, copies in replies.items() if name in publisher.attempted and all(is_good(name, c) for c in copies)}
    lost = publisher.confirmed - replies.keys()
    unexpected = [name for name in replies if name not in ok]
    doubled = [name for name, copies in replies.items() if len(copies) > 1]
    explained = [
        name for name in doubled if name in publisher.again or any(in_flight(calls[name], fault) for fault in faults)]
    different = [name for name in doubled if len(set(replies[name])) > 1]
    recovered = (ok & publisher.again.keys()) | (ok - publisher.confirmed)
    bound = sum(PREFETCH * (2 if "broker" in kind else 1) for kind, _, _ in faults) + len(publisher.again)
    copies = sum(len(replies[name]) - 1 for name in doubled)
    counts = {
        "attempted": len(publisher.attempted), "confirmed": len(publisher.confirmed), "ok": len(ok), "lost": len(lost),
        "unexpected": len(unexpected), "duplicated": len(doubled), "  explained": len(explained),
        "  unexplained": len(doubled) - len(explained), "  not identical": len(different), "recovered": len(recovered),
        "surplus replies": copies, "  allowed": bound, "OCR calls": sum(map(len, calls.values())),
        "  doubled": sum(len(made) - 1 for made in calls.values()),
    }
    failures = []
    if lost:
        failures.append(f"{len(lost)} confirmed requests have no reply: {sorted(lost)[:3]}")
    if unexpected:
        failures.append(f"{len(unexpected)} replies are wrong: {[replies[name][0] for name in unexpected[:2]]}")
    if len(doubled) > len(explained):
        failures.append(f"duplicates without a fault: {sorted(set(doubled) - set(explained))[:3]}")
    if different:
        failures.append(f"duplicates that differ: {[replies[name] for name in different[:2]]}")
    if copies > bound:
        failures.append(f"{copies} surplus replies, but only {bound} can have been in flight")
    if left:
        failures.append(f"messages are left: {left}")
    if codes != [0, 0]:
        failures.append(f"the relays ended with {codes}")
    return counts, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stops", type=int, default=5, help="how often the broker is stopped and started")
    parser.add_argument("--kills", type=int, default=10, help="how often a relay is killed with SIGKILL")
    parser.add_argument("--rate", type=float, default=200, help="requests in a second")
    parser.add_argument("--pause", type=float, default=4, help="seconds between faults")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    logging.disable()  # the clients' tales of lost connections, which are the point here
    with common.workspace() as folder:
        broker, stub = common.Broker(folder), common.Stub(folder)
        try:
            outcome = asyncio.run(run(options, folder, broker, stub))
        finally:
            stub.kill()
            broker.remove()
        counts, failures = judge(*outcome, stub.ledger())
        faults = collections.Counter(kind for kind, _, _ in outcome[1])
        lines = [f"seed {options.seed}, " + ", ".join(f"{kind} {count} times" for kind, count in faults.items()), ""]
        lines += [f"{name:<18}{count:>8}" for name, count in counts.items()]
        verdict = common.report("chaos", lines, failures)
        if verdict:
            raise SystemExit(verdict)


main()
