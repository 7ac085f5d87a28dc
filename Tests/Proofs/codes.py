"""Every error code of the table costs as many OCR calls as the table says, and ends as it says.

    environment.sh codes.py [--only CODE…] [--parallel N]

Each row of config/errors.json gets a relay of its own, with a queue of its own, and one request that the stub answers
with the row's status, envelope and message. The queues of the retry levels are declared here, with the names and
bindings of the real ones but with shorter times to live; 10m and 1h keep their length, so that a wait which a code
demands shows as a message in them. The table is left in .reports/codes.txt.
"""

import argparse
import asyncio
import collections
import dataclasses
import json
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.codes"
# Milliseconds that a message stays in a level. Longer than the pause after which the relay probes a service again.
LEVELS = {"2s": 1_500, "10s": 1_500, "1m": 1_500, "10m": 600_000, "1h": 3_600_000}
LONG = {"10m": 600, "1h": 3_600}
MAX_ATTEMPTS = 3
THROTTLED = 2
# Everyone would suffer: the request waits, is let through as a probe, and is too old then.
SHARED_CALLS = 2
# Once more with a new token, and the probe with the next one. Then no token is left to be had: three logins that led to
# nothing are the most within a quarter of an hour.
REFRESH_CALLS = 3
# No service sends these; they name what happens to a connection before a service can answer.
UNSENT = {"connect-failed", "connect-timeout", "tls-failed"}
CONNECTION = {"connection-closed": "reset", "read-timeout": "hang"}


@dataclasses.dataclass
class Case:
    """One row of the table, and what became of its request."""

    index: int
    row: dict
    calls: int
    end: str  # result, error or waits
    name: str = dataclasses.field(default_factory=lambda: f"{0:08d}{uuid.uuid4().hex}")
    reply: object = None
    dead: str = None
    waits: str = None
    over: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)

    @property
    def queue(self):
        return f"codes.{self.index}"

    @property
    def is_shared(self):
        return self.end == "error" and self.row["scope"] != "message" and not is_isolated(self.row)

    @property
    def ended(self):
        if self.waits:
            return "waits"
        return None if self.reply is None else "result" if self.reply.type == "ocr.result.v1" else "error"


def is_isolated(row):
    """Whether the failure counts as one of the request as long as it is not one of a row of them."""
    return row["retry"] == "backoff" and row["scope"] == "service" and row["code"] not in CONNECTION


def expected(row):
    """(calls, end) of a request whose every call is answered with the row, alone at its relay."""
    if row["domain"] == "invoice-verification" or row["class"] == "success":
        return 1, "result"  # codes inside results are the requester's business
    if row.get("min_wait_s", 0) > 60:
        return 1, "waits"
    if row["retry"] == "backoff_with_rate_cut":
        return THROTTLED + 1, "result"  # the stub relents: throttled calls are no attempts
    if row["retry"] == "after_token_refresh":
        return REFRESH_CALLS, "error"
    if row["scope"] == "message":
        return 1 if row["retry"] == "never" else min(MAX_ATTEMPTS, row.get("max_attempts", MAX_ATTEMPTS)), "error"
    if is_isolated(row):
        return min(MAX_ATTEMPTS, row.get("max_attempts", MAX_ATTEMPTS)), "error"
    return SHARED_CALLS, "error"


def answer(row):
    """What the stub answers a call with."""
    if row["code"] in CONNECTION and row["domain"] == "http":
        return {"action": CONNECTION[row["code"]], "seconds": 1.8}
    status = row["status"][0] if row["status"] else 500 if row["retry"] == "backoff" else 400
    message = (row.get("match") or ["no such words"])[0].replace("^", "").replace("$", "").replace("*", "some ")
    headers = {}
    if row["domain"] == "http":
        status = {"2xx-not-json": 200, "3xx": 302, "4xx": 418, "5xx": 520}.get(row["code"], status)
        headers = {"Location": "https://elsewhere.example.com/"} if status == 302 else {}
        body = "<html>a page</html>"
    elif row["domain"] == "invoice-verification":
        body = json.dumps({"result": {"result_code": row["code"], "marker": "x"}})
    elif row["class"] == "success":
        status, body = 200, json.dumps({"result": [{"status": {"error_code": row["code"], "error_msg": ""}}]})
    elif row["domain"] == "iam" and row["code"].isdigit():
        body = json.dumps({"error": {"code": int(row["code"]), "message": message, "title": "Title"}})
    elif row["domain"] == "iot":
        body = json.dumps({"error_code": row["code"], "error_desc": message})
    elif row["domain"] == "gateway" and row["code"].startswith("AUTH_"):
        body = json.dumps({"success": False, "message": message, "code": row["code"]})
    elif row["domain"] == "gateway":
        body = json.dumps(
            {"error": {"message": message, "type": "new_api_error", "param": "", "code": row["code"]}},
            ensure_ascii=False)
    else:
        body = json.dumps({"error_code": row["code"], "error_msg": message})
    return {"status": status, "headers": headers, "body": body}


def script(case):
    given = answer(case.row)
    return [given] * THROTTLED + [{"action": "ok"}] if case.row["retry"] == "backoff_with_rate_cut" else [given]


class Stage:
    """The exchanges and queues of the relays, and the cases by the ids of their requests."""

    def __init__(self, cases):
        self.cases = {case.name: case for case in cases}
        self.unknown = []

    async def declare(self, channel):
        retry, retry_in, dead = [
            await channel.declare_exchange(name, "topic", durable=True) for name in ["ocr.retry", "ocr.retry-in", "ocr.dead"]]
        await channel.declare_exchange("ocr.results", "topic", durable=True)
        unroutable = await channel.declare_exchange("ocr.unroutable", "fanout", durable=True)
        for level, milliseconds in LEVELS.items():
            queue = await channel.declare_queue(f"ocr.retry.{level}", durable=True, arguments={
                "x-queue-type": "quorum", "x-message-ttl": milliseconds, "x-dead-letter-exchange": "ocr.retry-in",
                "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"})
            await queue.bind(retry, f"{level}.#")
            if level in LONG:
                await self.consume(queue)
        for case in self.cases.values():
            queue = await channel.declare_queue(case.queue, durable=True)
            await queue.bind(retry_in, f"*.{case.queue}")
        for name, exchange, key in [("ocr.dead.all", dead, "#"), ("ocr.unroutable", unroutable, "")]:
            queue = await channel.declare_queue(name, durable=True)
            await queue.bind(exchange, key)
            await self.consume(queue)
        await self.consume(await channel.declare_queue(REPLIES, durable=True))

    async def consume(self, queue):
        await queue.consume(lambda message: self.collect(queue.name, message), no_ack=True)

    def collect(self, queue, message):
        case = self.cases.get(message.message_id if queue != REPLIES else message.correlation_id)
        if case is None:
            return self.unknown.append((queue, message))
        if queue == REPLIES:
            case.reply = message
        elif queue == "ocr.dead.all":
            case.dead = message.routing_key
        else:
            case.waits = queue.removeprefix("ocr.retry.")
        if case.waits or case.reply is not None and (case.dead or case.ended == "result"):
            case.over.set()


async def run_case(case, folder, broker, stub, channel):
    settings = {
        "amqp_queue": case.queue, "amqp_topology": "off", "retry_max_attempts": MAX_ATTEMPTS,
        # What everyone suffers from is given up by the first probe; nothing else may become too old.
        "retry_give_up_after_seconds": 1 if case.is_shared else 3_600,
        "backend_connect_timeout_seconds": 1, "backend_total_timeout_seconds": 1.5}
    relay = await asyncio.to_thread(
        common.Relay, folder, case.queue, broker.url, f"{stub.url}/scripted", stub.url, **settings)
    await asyncio.to_thread(relay.await_line, "notice consuming")
    message = aio_pika.Message(
        f'{{"url":"https://pictures.example.com/answers/{case.queue}/{case.name}"}}'.encode(), type="general-text",
        content_type="application/json", message_id=case.name, correlation_id=case.name, reply_to=REPLIES)
    await channel.default_exchange.publish(message, routing_key=case.queue, mandatory=True)
    try:
        await asyncio.wait_for(case.over.wait(), 60)
    except asyncio.TimeoutError:
        common.log(f"{case.row['domain']} {case.row['code']}: no end in time")
    await asyncio.to_thread(relay.terminate)


async def run(options, cases, folder, broker, stub):
    connection = await aio_pika.connect(broker.url)
    channel = await connection.channel()
    stage = Stage(cases)
    await stage.declare(channel)
    places = asyncio.Semaphore(options.parallel)
    done = 0

    async def one(case):
        nonlocal done
        async with places:
            await run_case(case, folder, broker, stub, channel)
        done += 1
        if done % 50 == 0:
            common.log(f"{done} of {len(cases)} rows")

    await asyncio.gather(*map(one, cases))
    await asyncio.sleep(2)  # the stub notes a call when it ends: those that hang do so after the relay has given up
    await connection.close()
    return stage


def check(case, calls):
    """What is wrong with a case, if anything."""
    row, problems = case.row, []
    if calls != case.calls:
        problems.append(f"{calls} calls instead of {case.calls}")
    if case.ended != case.end:
        problems.append(f"ended as {case.ended} instead of {case.end}")
    elif case.end == "error":
        problem = json.loads(case.reply.body)
        wanted = "auth_misconfigured" if row["retry"] == "after_token_refresh" else row["class"]
        if problem["class"] != wanted or case.dead != wanted:
            problems.append(f"class {problem['class']}, dead letter {case.dead} instead of {wanted}")
    elif case.end == "waits" and LONG[case.waits] < min(row["min_wait_s"], max(LONG.values())):
        problems.append(f"waits in {case.waits} only")
    elif case.end == "result" and case.reply.headers["ocr-attempts"] != 1:
        problems.append(f"{case.reply.headers['ocr-attempts']} attempts instead of 1")
    return [f"{row['domain']} {row['code']} {row.get('match', '')}: {problem}" for problem in problems]


def judge(cases, skipped, stage, ledger):
    table = collections.defaultdict(collections.Counter)
    failures = []
    for case in cases:
        calls = len(ledger.get(case.name, []))
        problems = check(case, calls)
        failures += problems
        key = (case.row["retry"], case.row["scope"], case.end, case.calls)
        table[key].update(rows=1, calls=calls, right=not problems)
    if stage.unknown:
        failures.append(f"messages of nobody: {stage.unknown[:2]}")
    lines = [f"{'retry':<24}{'scope':<12}{'end':<8}{'calls each':>11}{'rows':>6}{'calls':>7}{'as the table says':>19}"]
    for (retry, scope, end, each), counts in sorted(table.items()):
        lines.append(
            f"{retry:<24}{scope:<12}{end:<8}{each:>11}{counts['rows']:>6}{counts['calls']:>7}{counts['right']:>19}")
    codes, others = ({(row["domain"], row["code"]) for row in rows} for rows in [[case.row for case in cases], skipped])
    lines += [
        "", f"{len(cases)} rows with {len(codes)} codes; {len(skipped)} rows with {len(others - codes)} more codes are no "
        "answers of a service: exceptions of a client library, connections that are never made"]
    return lines, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--parallel", type=int, default=8)
    options = parser.parse_args()
    rows = json.loads((common.ROOT / "config/errors.json").read_text())
    sendable = lambda row: row["domain"] != "sdk" and row["code"] not in UNSENT
    chosen = [row for row in rows if not options.only or row["code"] in options.only]
    cases = [Case(index, row, *expected(row)) for index, row in enumerate(filter(sendable, chosen))]
    skipped = [row for row in chosen if not sendable(row)]
    with common.workspace() as folder:
        broker, stub = common.Broker(folder), common.Stub(folder, {case.queue: script(case) for case in cases})
        try:
            stage = asyncio.run(run(options, cases, folder, broker, stub))
        finally:
            ledger = stub.ledger()
            stub.kill()
            broker.remove()
        verdict = common.report("codes", *judge(cases, skipped, stage, ledger))
        if verdict:
            raise SystemExit(verdict)


main()
