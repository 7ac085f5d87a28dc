"""Very many requests over many faults of every kind: nothing is lost, and every duplicate has its fault.

    environment.sh mixed.py [--requests N] [--faults N] [--seed N]

Two relays share the queue. The faults come one after the other, each after an equal share of the requests: relays are
killed, the broker is killed or restarted, all connections are cut, the broker raises a memory alarm, a reply queue is
deleted, and the OCR service fails, hangs, resets and truncates for a while. Requests are published with confirms, again
under the same id when the confirm is missing. Answers stay in durable queues until the end, so that what is read twice
was published twice; the stub's ledger tells when each request was with the OCR service. The counts are named as Jepsen
names them; the report is left in .reports/mixed.txt.
"""

import argparse
import asyncio
import collections
import datetime
import hashlib
import logging
import random
import time
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.mixed"
NOBODY = "ocr.reply.nobody"
PREFETCH = 50
DELAY_MS = 80
# This share of all requests may wait in the work queue, so that every fault finds requests and publishers at work.
BACKLOG_SHARE = 0.01
# After the OCR service answered, a reply still has to be confirmed and the request to be acknowledged; an answer that
# nobody takes may be offered again for a while before that.
SETTLING_SECONDS = {"ok": 2.0, "retried": 2.0, "refused": 2.0, "parked": 40.0, "deleted": 40.0}
# From a relay's end until the service has read what it had sent, on a machine that is short of processors.
READING_SECONDS = 0.5
OUTAGE_SECONDS = 3.0
# A third failure is the last: after it a request would wait for ten minutes, longer than the proof.
MAX_ATTEMPTS = 3
SCRIPTS = {"retried": "retried", "refused": "refused"}
FAILING = {"ocr-500": [{"status": 500, "headers": {}, "body": '{"error_code":"APIG.0201","error_msg":"Backend timeout."}'}],
           "ocr-hang": [{"action": "hang", "seconds": 4}], "ocr-reset": [{"action": "reset"}],
           "ocr-truncate": [{"action": "truncate"}]}
ANSWERS = FAILING | {
    "retried": [
        {"status": 400, "headers": {}, "body": '{"error_code":"ModelArts.4603","error_msg":"Obtaining the file failed."}'},
        {"action": "ok"}],
    "refused": [{"status": 400, "headers": {}, "body": '{"error_code":"AIS.0103","error_msg":"The image size is wrong."}'}],
}
# How many of forty faults are of each kind.
KINDS = {
    "relay killed": 12, "broker killed": 4, "connections cut": 5, "memory alarm": 4, "reply queue deleted": 3, "ocr-500": 3,
    "broker restarted": 2, "ocr-hang": 2, "ocr-reset": 3, "ocr-truncate": 2}
# How many relays' work such a fault sends out again; no other fault may double anything.
DOUBLING = {"relay killed": 1, "broker killed": 2, "broker restarted": 2, "connections cut": 2, "broker failed": 1}


def plan(count, generator):
    """The kinds of faults to come: every kind once before any comes again, as often as its share of forty."""
    left, chosen = dict(KINDS), []
    while len(chosen) < count:
        if not any(left.values()):
            left = dict(KINDS)
        for kind in [kind for kind, number in left.items() if number]:
            left[kind] -= 1
            chosen.append(kind)
    chosen = chosen[:count]
    generator.shuffle(chosen)
    return chosen


class Traffic:
    """Publishes requests and never gives one up; remembers of each what kind it is."""

    CONNECTIONS = 4
    BATCH = 40

    def __init__(self, url, total, generator):
        self.url, self.total, self.random = url, total, generator
        self.allowed = 0  # how many may be made for now
        self.backlog = max(50, int(total * BACKLOG_SHARE))
        self.kinds, self.confirmed, self.again = {}, set(), set()
        self.reply_to = {}
        self.deleted_queue = None  # while set, some requests want their replies there
        self.progress = asyncio.Event()

    async def run(self):
        await asyncio.gather(*(self.run_one() for _ in range(self.CONNECTIONS)))

    async def run_one(self):
        connection = channel = None
        names = []
        while names or len(self.kinds) < self.total:
            try:
                if connection is None or connection.is_closed or channel.is_closed:
                    connection = await asyncio.wait_for(aio_pika.connect(self.url), 10)
                    channel = await connection.channel()
                work = await asyncio.wait_for(channel.declare_queue("ocr.requests", passive=True), 20)
                if work.declaration_result.message_count > self.backlog or not names and len(self.kinds) >= self.allowed:
                    await asyncio.sleep(0.05)
                    continue
            except Exception:  # whatever it is: the broker cannot be reached now
                connection = None
                await asyncio.sleep(0.2)
                continue
            names += [self.make() for _ in range(min(self.BATCH - len(names), self.allowed - len(self.kinds)))]
            self.progress.set()
            ended = await asyncio.gather(
                *(asyncio.wait_for(self.publish(channel, name), 20) for name in names), return_exceptions=True)
            missing = {name for name, end in zip(names, ended) if isinstance(end, BaseException)}
            self.confirmed.update(set(names) - missing)
            self.again |= missing
            names = sorted(missing)
            if missing:
                connection = None
        if connection is not None:
            await connection.close()

    def make(self):
        name = f"{len(self.kinds):08d}{uuid.uuid4().hex}"
        dice = self.random.random()
        kind = "retried" if dice < 0.02 else "refused" if dice < 0.04 else "parked" if dice < 0.06 else "ok"
        if self.deleted_queue and dice > 0.8:
            kind = "deleted"
        self.kinds[name] = kind
        self.reply_to[name] = {"parked": NOBODY, "deleted": self.deleted_queue}.get(kind, REPLIES)
        return name

    async def publish(self, channel, name):
        script = SCRIPTS.get(self.kinds[name], "ok")
        body = f'{{"url":"https://pictures.example.com/answers/{script}/{name}"}}'.encode()
        await common.publish(channel, name, body, self.reply_to[name])

    async def reach(self, count, allowed):
        """Waits until so many requests are made; up to `allowed` are made meanwhile and afterwards."""
        self.allowed = allowed
        while len(self.kinds) < count:
            self.progress.clear()
            await self.progress.wait()


class Faults:
    """What is done to the programs, and when."""

    def __init__(self, broker, stub, relays, traffic):
        self.broker, self.stub, self.relays, self.traffic = broker, stub, relays, traffic
        self.log = []
        self.deleted_messages = 0

    async def cause(self, kind):
        began = time.time()
        if kind in FAILING:
            await self.outage(lambda: self.stub.set_mode(kind), lambda: self.stub.set_mode("ok"))
        elif kind == "memory alarm":
            await self.outage(lambda: self.watermark("0.000001"), lambda: self.watermark("0.4"))
        else:
            await {"relay killed": self.kill_relay, "broker killed": self.kill_broker,
                   "broker restarted": self.restart_broker, "connections cut": self.cut_connections,
                   "reply queue deleted": self.delete_reply_queue}[kind]()
        self.log.append((kind, began, time.time()))
        common.log(f"fault {len(self.log)}: {kind}, {len(self.traffic.kinds)} requests")

    def note_failures_of_the_broker(self):
        """RabbitMQ 3.10 fails, and closes the connection, when an answer goes to a quorum queue that is being deleted."""
        for relay in self.relays:
            for line in relay.log_file.read_text().splitlines():
                if "kind=closedByBroker" in line and "INTERNAL_ERROR" in line:
                    at = datetime.datetime.fromisoformat(line.split()[0].replace("Z", "+00:00")).timestamp()
                    self.log.append(("broker failed", at, at))

    async def outage(self, begin, end):
        await asyncio.to_thread(begin)
        await asyncio.sleep(OUTAGE_SECONDS)
        await asyncio.to_thread(end)

    def watermark(self, share):
        self.broker.control("set_vm_memory_high_watermark", share)

    async def kill_relay(self):
        index = len(self.log) % len(self.relays)
        self.relays[index].kill()
        self.relays[index] = self.relays[index].again()

    async def kill_broker(self):
        await asyncio.to_thread(self.broker.kill)
        await asyncio.to_thread(self.broker.start)

    async def restart_broker(self):
        await asyncio.to_thread(self.broker.stop)
        await asyncio.to_thread(self.broker.start)

    async def cut_connections(self):
        await asyncio.to_thread(self.broker.control, "close_all_connections", "cut by the proof")

    async def delete_reply_queue(self):
        """What is in the queue at that moment is deleted with it; later answers have nowhere to go."""
        name = f"ocr.reply.deleted.{len(self.log)}"
        connection = await aio_pika.connect(self.traffic.url)
        channel = await connection.channel()
        await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
        self.traffic.deleted_queue = name
        await asyncio.sleep(OUTAGE_SECONDS / 2)
        self.deleted_messages += (await channel.queue_delete(name)).message_count
        await asyncio.sleep(OUTAGE_SECONDS / 2)
        self.traffic.deleted_queue = None
        await connection.close()


async def settle(broker, traffic):
    """Waits until nothing waits for a relay any more."""
    names = [name for name in await asyncio.to_thread(broker.queues) if name == "ocr.requests" or ".retry." in name]
    empty, until = 0, time.monotonic() + 240
    while empty < 4 and time.monotonic() < until:
        waiting = sum((await asyncio.to_thread(broker.depths, names)).values())
        empty = 0 if waiting else empty + 1
        await asyncio.sleep(0.5)


async def read_all(broker):
    """{queue: {id: [(message id, type, digest) of each copy]}} of all that was published for somebody to read."""
    connection = await aio_pika.connect(broker.url)
    channel = await connection.channel()
    read = {}
    for name, depth in (await asyncio.to_thread(broker.depths)).items():
        found = read[name] = collections.defaultdict(list)
        if not depth:
            continue
        done, left = asyncio.Event(), [depth]

        def collect(message):
            digest = hashlib.sha256(message.body).digest()
            found[message.correlation_id].append((message.message_id, message.type, digest))
            left[0] -= 1
            if left[0] == 0:
                done.set()

        tag = await (await channel.get_queue(name)).consume(collect, no_ack=True)
        await asyncio.wait_for(done.wait(), 120)
        await channel.channel.basic_cancel(tag)
    await connection.close()
    return read


async def run(options, folder, broker, stub):
    connection = await aio_pika.connect(broker.url)
    await (await connection.channel()).declare_queue(REPLIES, durable=True, arguments={"x-queue-type": "quorum"})
    await connection.close()
    start = lambda name: common.Relay(
        folder, name, broker.url, f"{stub.url}/scripted/delay{DELAY_MS}", stub.url, amqp_prefetch=PREFETCH,
        amqp_reconnect_min_seconds=0.1, amqp_reconnect_max_seconds=1, backend_connect_timeout_seconds=1,
        backend_total_timeout_seconds=2, retry_budget_per_minute=1_000_000,
        retry_max_attempts=MAX_ATTEMPTS)
    relays = [start("relay-1"), start("relay-2")]
    for relay in relays:
        await asyncio.to_thread(relay.await_line, "notice consuming")
    traffic = Traffic(broker.url, options.requests, random.Random(options.seed))
    faults = Faults(broker, stub, relays, traffic)
    publishing = asyncio.create_task(traffic.run())
    kinds = plan(options.faults, random.Random(options.seed))
    # Each fault comes when its share is made, and finds the publishers at work on the next one.
    shares = [options.requests * number // (len(kinds) + 1) for number in range(1, len(kinds) + 2)]
    for kind, share, following in zip(kinds, shares, shares[1:]):
        await traffic.reach(share, following)
        await faults.cause(kind)
    await publishing
    common.log("all published")
    await settle(broker, traffic)
    codes = [await asyncio.to_thread(relay.terminate) for relay in relays]
    faults.note_failures_of_the_broker()
    return traffic, faults, codes, await read_all(broker)


class Verdict:
    """Counts what became of the requests."""

    def __init__(self, traffic, faults, codes, read, ledger):
        self.traffic, self.faults, self.codes, self.ledger = traffic, faults, codes, ledger
        self.replies, self.parked = read.pop(REPLIES), read.pop("ocr.unroutable")
        self.dead = collections.defaultdict(list)
        self.left = {}
        for name, found in read.items():
            if name.startswith("ocr.dead."):
                for key, copies in found.items():
                    self.dead[key] += copies
            elif found:
                self.left[name] = sum(map(len, found.values()))
        self.failures = []

    def was_in_flight(self, name):
        """Whether a fault that sends work out again hit the request."""
        if name in self.traffic.again:
            return True
        settling = SETTLING_SECONDS[self.traffic.kinds[name]]
        return any(
            begin <= ended + READING_SECONDS and end >= began - settling
            for begin, end, _ in self.ledger[name] for kind, began, ended in self.faults.log if kind in DOUBLING)

    def fail_if(self, names, what):
        if names:
            names = sorted(names)
            self.failures.append(f"{len(names)} {what}: " + ", ".join(f"{n} ({self.traffic.kinds.get(n)})" for n in names[:3]))

    def judge(self):
        kinds, confirmed = self.traffic.kinds, self.traffic.confirmed
        answers = {name: self.replies.get(name, []) + self.parked.get(name, []) for name in {*self.replies, *self.parked}}
        missing = confirmed - answers.keys()
        deleted = {name for name in missing if kinds[name] == "deleted"}
        lost = missing - deleted
        strangers = answers.keys() - kinds.keys()
        results = {n for n, copies in answers.items() if any(kind == "ocr.result.v1" for _, kind, _ in copies)}
        errors = answers.keys() - results
        doubled = {n for n, copies in answers.items() if len(copies) > 1}
        dead_doubled = {n for n, copies in self.dead.items() if len(copies) > 1}
        different = {n for n in doubled if len(set(answers[n])) > 1}
        paid = {n: sum(given not in FAILING and not (given == "retried" and index == 0)
                       for index, (_, _, given) in enumerate(sorted(calls))) for n, calls in self.ledger.items()}
        paid_again = {n for n, number in paid.items() if number > 1}
        unexplained = {n for n in doubled | dead_doubled | paid_again if n in kinds and not self.was_in_flight(n)}
        surplus = sum(len(answers[n]) - 1 for n in doubled)
        bound = PREFETCH * sum(DOUBLING.get(kind, 0) for kind, _, _ in self.faults.log) + len(self.traffic.again)
        without_copy = {n for n in errors if n in kinds and n not in self.dead}
        self.fail_if(lost, "confirmed requests without an end")
        self.fail_if(strangers, "answers that nobody asked for")
        self.fail_if(different, "duplicates that differ")
        self.fail_if(unexplained, "doubled without a fault")
        self.fail_if(without_copy, "typed errors without a dead letter")
        self.fail_if({n for n in errors - strangers if kinds[n] == "ok" and not self.met_outage(n)}, "errors without an outage")
        self.fail_if({n for n in self.parked if kinds.get(n) not in ("parked", "deleted")}, "parked answers of reachable requesters")
        # What a failing broker had put into the queue that was being deleted, it has not counted.
        failures = sum(kind == "broker failed" for kind, _, _ in self.faults.log)
        if len(deleted) > self.faults.deleted_messages + PREFETCH * failures:
            self.failures.append(f"{len(deleted)} answers are missing, {self.faults.deleted_messages} were deleted")
        if surplus > bound:
            self.failures.append(f"{surplus} surplus answers, but only {bound} can have been in flight")
        if self.left:
            self.failures.append(f"messages are left: {self.left}")
        if self.codes != [0, 0]:
            self.failures.append(f"the relays ended with {self.codes}")
        return {
            "attempted": len(kinds), "confirmed": len(confirmed), "answered": len(results - self.parked.keys()),
            "typed errors": len(errors), "dead letters": len(self.dead), "unroutable": len(self.parked),
            "deleted with queue": len(deleted), "lost": len(lost), "unexpected": len(strangers),
            "recovered": len((answers.keys() - confirmed) | (answers.keys() & self.traffic.again)),
            "answers doubled": len(doubled), "  surplus": surplus, "  allowed": bound, "  not identical": len(different),
            "copies doubled": len(dead_doubled), "OCR calls": sum(map(len, self.ledger.values())),
            "  failed on purpose": sum(given in FAILING for calls in self.ledger.values() for _, _, given in calls),
            "  paid again": len(paid_again), "unexplained": len(unexplained),
        }

    def met_outage(self, name):
        return any(given in FAILING for _, _, given in self.ledger[name])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    logging.disable()  # the clients' tales of lost connections, which are the point here
    with common.workspace() as folder:
        broker, stub = common.Broker(folder), common.Stub(folder, ANSWERS)
        began = time.monotonic()
        try:
            outcome = asyncio.run(run(options, folder, broker, stub))
        finally:
            ledger = stub.ledger()
            stub.kill()
            broker.remove()
        verdict = Verdict(*outcome, ledger)
        counts = verdict.judge()
        kinds = collections.Counter(kind for kind, _, _ in outcome[1].log)
        lines = [f"seed {options.seed}, {time.monotonic() - began:.0f} s, {sum(kinds.values())} faults: "
                 + ", ".join(f"{kind} {count}" for kind, count in kinds.items()), ""]
        lines += [f"{name:<22}{count:>9}" for name, count in counts.items()]
        if common.report("mixed", lines, verdict.failures):
            raise SystemExit(1)


main()
