"""Kills a relay at each step of a request, under load: nothing is lost, and what is doubled was in flight at a kill.

    environment.sh crashes.py [--kills N] [--steps NAME…] [--results redis|memory] [--seed N]

The relay must be built with failpoints (`make crash-matrix` does); it kills itself when it passes the step for the nth
time, with n drawn for every kill, and is started again. Requests are of four kinds, mixed: answered at once, answered
by the second call, refused (typed error and dead letter), and with a reply queue that does not exist. Their window is
larger than the relay's prefetch, so that as many as it takes are in flight at every kill. The OCR stub keeps a ledger
of calls. Results are kept in Redis, so that only what was with the OCR service at a kill is paid again; with results in
memory everything in flight may be. The table is left in .reports/crash-matrix.txt.
"""

import argparse
import asyncio
import collections
import dataclasses
import hashlib
import itertools
import random
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.crashes"
NOBODY = "ocr.reply.nobody"
DEAD = "ocr.dead.unsupported_image"
PARKED = "ocr.unroutable"
PREFETCH = 20
WINDOW = 200
DELAY_MS = 15
# After the OCR service answered, a reply still has to be confirmed and the request to be acknowledged.
SETTLING_SECONDS = 1.0
# From the service's answer until the result is kept, and from the relay's last breath until the service has read what it
# had sent, on a machine that is short of processors.
KEEPING_SECONDS = 0.25
READING_SECONDS = 0.5
# The latest passing at which each step kills: what one window of requests surely reaches.
STEPS = {
    "delivered": 100, "validated": 100, "permit-taken": 100, "call-sent": 100, "answer-received": 100, "result-stored": 80,
    "reply-published": 100, "reply-confirmed": 80, "ack-written": 20, "ack-flushed": 20, "retry-published": 20,
    "retry-confirmed": 20, "dead-copy-published": 20, "dead-copy-confirmed": 20, "parked-reply-published": 8,
    "parked-reply-confirmed": 8,
}
KINDS = ["ok", "ok", "retried", "ok", "refused", "ok", "retried", "ok", "refused", "parked"]
CALLS = {"ok": 1, "retried": 2, "refused": 1, "parked": 1}
ANSWERS = {
    "retried": [
        {"status": 400, "headers": {}, "body": '{"error_code":"ModelArts.4603","error_msg":"Obtaining the file failed."}'},
        {"action": "ok"},
    ],
    "refused": [
        {"status": 400, "headers": {}, "body": '{"error_code":"AIS.0103","error_msg":"The image size is wrong."}'}],
    "parked": [{"action": "ok"}],
}


@dataclasses.dataclass
class Request:
    kind: str
    replies: list = dataclasses.field(default_factory=list)
    dead: int = 0
    parked: int = 0

    @property
    def is_over(self):
        return bool(self.parked if self.kind == "parked" else self.replies and (self.dead or self.kind != "refused"))


class Traffic:
    """Keeps a window of unanswered requests full, and notes what becomes of each."""

    def __init__(self, url):
        self.url = url
        self.kinds = itertools.cycle(KINDS)
        self.requests = {}
        self.open = 0
        self.places, self.over = asyncio.Event(), asyncio.Event()
        self.is_feeding = False
        self.strangers = []

    async def connect(self):
        self.connection = await aio_pika.connect(self.url)
        self.publishing = await self.connection.channel()
        consuming = await self.connection.channel()
        for name in [REPLIES, DEAD, PARKED]:
            self.queue = await consuming.declare_queue(name, durable=True, passive=name != REPLIES)
            # Without acknowledgements: a message that is read twice was published twice.
            await self.queue.consume(lambda message, name=name: self.collect(name, message), no_ack=True)

    def collect(self, queue, message):
        request = self.requests.get(message.correlation_id)
        if request is None:
            return self.strangers.append(message)
        was_over = request.is_over
        if queue == REPLIES:
            request.replies.append((message.message_id, message.type, hashlib.sha256(message.body).hexdigest()))
        elif queue == DEAD:
            request.dead += 1
        else:
            request.parked += 1
        if request.is_over and not was_over:
            self.open -= 1
            self.places.set()
            if self.open == 0:
                self.over.set()

    async def feed(self):
        """Publishes until `is_feeding` is false."""
        self.is_feeding = True
        while self.is_feeding:
            while self.open >= WINDOW and self.is_feeding:
                self.places.clear()
                await self.places.wait()
            await asyncio.gather(*(self.publish() for _ in range(min(20, WINDOW - self.open))))

    def stop_feeding(self):
        self.is_feeding = False
        self.places.set()

    async def publish(self):
        kind, name = next(self.kinds), f"{len(self.requests):08d}{uuid.uuid4().hex}"
        self.requests[name] = Request(kind)
        self.open += 1
        self.over.clear()
        body = f'{{"url":"https://pictures.example.com/answers/{kind}/{name}"}}'
        await common.publish(self.publishing, name, body.encode(), NOBODY if kind == "parked" else REPLIES)


async def drain(broker, traffic):
    """Waits until every request is over and no queue of the broker has anything for the relay or for us."""
    try:
        await asyncio.wait_for(traffic.over.wait(), 120)
    except asyncio.TimeoutError:
        return
    while any((await asyncio.to_thread(broker.depths, traffic.names)).values()):
        await asyncio.sleep(0.1)


async def kill_at(step, options, start, broker, traffic):
    """The kills at one step, then a relay that ends what is left."""
    kills, failures = [], []
    feeding = asyncio.create_task(traffic.feed())
    for _ in range(options.kills):
        passing = options.random.randint(1, STEPS[step])
        relay = start(f"{step}:{passing}")
        code = await asyncio.to_thread(relay.await_end, 60)
        # The relay says so with its last breath.
        kills.append(relay.log_file.stat().st_mtime)
        if code != -9 or f"failpoint {step}:{passing}" not in relay.log_file.read_text():
            relay.kill()
            failures.append(f"{step}: the relay did not die at passing {passing} but ended with {code}")
    traffic.stop_feeding()
    await feeding
    relay = start(None)
    await drain(broker, traffic)
    code = await asyncio.to_thread(relay.terminate)
    # What the relay had in work has its copies in the queues now; those of one connection come in order.
    await drain(broker, traffic)
    await traffic.queue.declare()
    if code != 0:
        failures.append(f"{step}: the last relay ended with {code}")
    return kills, failures


def judge(step, kills, requests, calls, keeps_results):
    def was_in_flight(name, settling=SETTLING_SECONDS):
        return any(
            begin <= kill + READING_SECONDS and end >= kill - settling
            for begin, end, _ in calls[name] for kill in kills)

    def paying(name):
        """How long after a call another one for the same request can be due to a kill: only results are kept."""
        return KEEPING_SECONDS if keeps_results and requests[name].kind in ("ok", "parked") else SETTLING_SECONDS

    under_way = sum(
        begin <= kill + READING_SECONDS and end >= kill - paying(name)
        for name in requests for begin, end, _ in calls[name] for kill in kills)
    lost = [name for name, request in requests.items() if not request.is_over]
    copies = lambda request: max(len(request.replies), request.parked)
    doubled = [name for name, request in requests.items() if copies(request) > 1 or request.dead > 1]
    surplus = sum(copies(request) - 1 for request in requests.values() if copies(request) > 1)
    different = [name for name in doubled if len(set(requests[name].replies)) > 1]
    repeated = [name for name in requests if len(calls[name]) > CALLS[requests[name].kind]]
    more_calls = sum(len(calls[name]) - CALLS[requests[name].kind] for name in repeated)
    unexplained = [name for name in doubled if not was_in_flight(name)]
    unexplained += [name for name in repeated if not was_in_flight(name, paying(name))]
    wrong = [name for name, request in requests.items() if not is_right(request)]
    bound = len(kills) * PREFETCH
    call_bound = min(bound, under_way)
    failures = []
    if lost:
        failures.append(f"{step}: {len(lost)} requests without an end: {lost[:3]}")
    if unexplained:
        failures.append(f"{step}: doubled without having been in flight at a kill: {unexplained[:3]}")
    if different:
        failures.append(f"{step}: copies that differ: {[requests[name].replies for name in different[:2]]}")
    if wrong:
        failures.append(f"{step}: wrong ends: {[(name, requests[name]) for name in wrong[:2]]}")
    if surplus > bound:
        failures.append(f"{step}: {surplus} surplus answers, but only {bound} can have been in flight")
    if more_calls > call_bound:
        failures.append(f"{step}: {more_calls} surplus calls, but only {call_bound} can have been under way")
    row = (
        f"{step:<24}{len(kills):>6}{len(requests):>10}{len(lost):>6}{surplus:>9}{bound:>9}{more_calls:>9}{call_bound:>9}"
        f"{len(unexplained):>13}")
    return row, failures


def is_right(request):
    if request.kind == "parked":
        return not request.replies and not request.dead
    expected = "ocr.error.v1" if request.kind == "refused" else "ocr.result.v1"
    return all(kind == expected for _, kind, _ in request.replies) and (request.kind == "refused") == bool(request.dead)


async def run(options, folder, broker, stub):
    numbers = itertools.count()
    redis = common.Redis(folder) if options.results == "redis" else None
    kept = redis.settings() if redis else {}

    def start(failpoint):
        # A share of requests is to be retried, and answers that nobody takes are to be parked, all the time.
        settings = kept | {"replies_max_publishes": 1, "retry_budget_per_minute": 1_000_000}
        if failpoint:
            settings["failpoint"] = failpoint
        return common.Relay(
            folder, f"relay-{next(numbers)}", broker.url, f"{stub.url}/scripted/delay{DELAY_MS}", stub.url,
            amqp_prefetch=PREFETCH, **settings)

    relay = start(None)
    await asyncio.to_thread(relay.await_line, "notice consuming")
    traffic = Traffic(broker.url)
    await traffic.connect()
    traffic.names = await asyncio.to_thread(broker.queues)
    await asyncio.to_thread(relay.terminate)
    lines = [
        f"{'':<40}{'':>6}{'answers':>9}{'':>9}{'calls':>9}",
        f"{'step':<24}{'kills':>6}{'requests':>10}{'lost':>6}{'surplus':>9}{'allowed':>9}{'surplus':>9}{'allowed':>9}"
        f"{'unexplained':>13}"]
    failures = []
    for step in options.steps:
        traffic.requests = {}
        kills, found = await kill_at(step, options, start, broker, traffic)
        row, wrong = judge(step, kills, traffic.requests, stub.ledger(), redis is not None)
        common.log(row)
        lines.append(row)
        failures += found + wrong
    failures += [f"unknown message: {message}" for message in traffic.strangers[:3]]
    await traffic.connection.close()
    if redis:
        redis.kill()
    left = {name: depth for name, depth in (await asyncio.to_thread(broker.depths)).items() if depth}
    if left:
        failures.append(f"messages are left: {left}")
    return lines, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20, help="kills at each step")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    parser.add_argument("--results", choices=["redis", "memory"], default="redis")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    options.random = random.Random(options.seed)
    with common.workspace() as folder:
        broker, stub = common.Broker(folder), common.Stub(folder, ANSWERS)
        try:
            lines, failures = asyncio.run(run(options, folder, broker, stub))
        finally:
            stub.kill()
            broker.remove()
        verdict = common.report("crash-matrix", [f"seed {options.seed}, results in {options.results}", "", *lines], failures)
        if verdict:
            raise SystemExit(verdict)


main()
