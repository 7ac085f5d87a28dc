"""The night on call: 5,000 requests of which 400 fail in six ways, put right with `ocr-relay dead` and the console.

    environment.sh oncall.py [--requests N] [--with console]

Finds the biggest cause, looks at a picture of it, tries a replay too early (the canary stops it), mends the OCR service,
replays by cause, and checks that no letter of that cause is left and that every request has exactly the answers it is
due. `--with console` takes all these steps on the console's pages instead of at a terminal. Prints each step and leaves
them in .reports/oncall.txt or .reports/oncall-console.txt.
"""

import argparse
import asyncio
import base64
import collections
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import urllib.request
import uuid
import zlib

import aio_pika

import common
from console_stage import Console

REPLIES = "ocr.reply.oncall"
# Requests of 5,000 that fail, and how. The first way is the OCR service's fault and can be mended.
WAYS = [
    ("turned down by the service", 200), ("damaged picture", 60), ("picture too small", 50), ("bad base64", 40),
    ("no JSON", 30), ("unknown API", 20)]
FAULT = {"kind": "status", "status": 400, "code": "AIS.0101", "message": "bad parameter", "api": "quota-invoice"}


def png(width=64, height=32):
    """A grey picture of its own."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([128]) * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"tEXt", b"Comment\0" + uuid.uuid4().hex.encode()) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def request(way):
    """(API, body) of a request that fails in this way, or of a good one."""
    picture = png()
    body = lambda image: b'{"image":"' + base64.b64encode(image) + b'"}'
    return {
        "turned down by the service": lambda: ("quota-invoice", body(picture)),
        "damaged picture": lambda: ("general-text", body(picture[:20])),
        "picture too small": lambda: ("general-text", body(png(4, 4))),
        "bad base64": lambda: ("general-text", b'{"image":"%%%%' + uuid.uuid4().hex.encode() + b'"}'),
        "no JSON": lambda: ("general-text", b'{"image":' + uuid.uuid4().hex.encode()),
        "unknown API": lambda: ("generel-text", body(picture)),
    }.get(way, lambda: ("general-text", body(picture)))()


class Answers:
    """Everything that arrives in the reply queue, by request."""

    def __init__(self):
        self.types = collections.defaultdict(list)
        self.arrived = 0
        self.changed = asyncio.Event()

    async def take(self, message):
        async with message.process():
            self.types[message.correlation_id].append(message.type)
            self.arrived += 1
            self.changed.set()

    async def wait_for(self, count, seconds=120):
        async with asyncio.timeout(seconds):
            while self.arrived < count:
                self.changed.clear()
                await self.changed.wait()


class Operator:
    """Someone at a terminal who has never seen the code."""

    def __init__(self, url, lines):
        self.environment = os.environ | {"OCR_RELAY_AMQP_URL": url}
        self.lines = lines

    async def dead(self, *arguments):
        """Runs a command and returns its exit code and output."""
        child = await asyncio.create_subprocess_exec(
            common.program("ocr-relay"), "dead", *arguments, env=self.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        output, errors = await child.communicate()
        self.lines.append(f"$ ocr-relay dead {' '.join(map(str, arguments))}   (exit {child.returncode})")
        return child.returncode, output.decode(), errors.decode()

    def note(self, text):
        self.lines.extend("    " + line for line in text.splitlines())


class Visitor:
    """The same somebody at a browser, whose clicks are requests."""

    def __init__(self, console, lines):
        self.console, self.lines = console, lines
        self.cookie = {"Cookie": console.log_in()}

    async def open(self, path):
        status, _, body = await asyncio.to_thread(self.console.request, "GET", path, self.cookie)
        self.lines.append(f"page {path}   (HTTP {status})")
        return body if path.endswith(("/picture", "/file")) else body.decode()

    async def press(self, page, action, **fields):
        """Sends a form of a page; returns the page of the job that it began, when that has ended."""
        form = next(part for part in page.split("<form ")[1:] if f'action="{action}"' in part.split(">")[0])
        hidden = dict(re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', form.split("</form>")[0]))
        headers = self.cookie | {"Origin": self.console.url}
        status, answer, _ = await asyncio.to_thread(
            self.console.request, "POST", action, headers, **(hidden | fields))
        self.lines.append(f"form {action} {fields}   (HTTP {status})")
        async with asyncio.timeout(300):
            while "badge info" in (page := await self.quietly(answer["Location"])):
                await asyncio.sleep(0.2)
        self.lines.append("    " + re.search(r'class="outcome">(.*?)<', page)[1])
        return page, answer["Location"]

    async def quietly(self, path):
        return (await asyncio.to_thread(self.console.request, "GET", path, self.cookie))[2].decode()


async def work_on_pages(console, sandbox, lines, sent, answers, total, check):
    """The steps of the operator on pages; returns the letter that was sent too early."""
    visitor = Visitor(console, lines)
    page = await visitor.open("/causes")
    groups = page.split('<section class="group"')[1:]
    first = groups[0]
    code = re.search(r'aria-label="(\w+)"', first)[1]
    count = int(re.search(r'class="count">([\d,]+)<', first)[1].replace(",", ""))
    lines.append(f"    {len(groups)} groups, the first: {count} {code}")
    check(len(groups) == len(WAYS) and count == WAYS[0][1], "the biggest cause is not the service's fault")
    sample = re.search(r'/letters/[0-9a-f]{32}', first)[0]
    letter = await visitor.open(sample)
    name = re.search(r'Message id</dt><dd><code>(.*?)<', letter)[1]
    check(FAULT["message"] in letter and FAULT["code"] in letter, "what the service said is not on the letter's page")
    picture = await visitor.open(sample + "/picture")
    original = base64.b64decode(json.loads(sent[name][1])["image"])
    check(picture == original, "the picture is not the one that was sent")

    form = await visitor.open(f"/replay?code={code}")
    early, job = await visitor.press(form, "/replay", canaries="1", rate="100", stop_after="3")
    check("A canary failed again" in early, "a replay too early was not stopped by its canary")
    await answers.wait_for(total + 1)
    canary = next(name for name, types in answers.types.items() if len(types) == 2)
    post(sandbox, "DELETE")
    lines.append("the OCR service is mended")
    page, _ = await visitor.press(early, job + "/resume", canaries="1", rate="100", stop_after="3")
    check(f"{count} of {count} letters sent" in page, "the plan was not carried out")
    # The canary of the early replay died a second time: it is another letter.
    form = await visitor.open(f"/replay?code={code}")
    await visitor.press(form, "/replay", canaries="1", rate="100", stop_after="3")
    await answers.wait_for(total + 1 + count)
    page = await visitor.open("/causes")
    check(code not in page, f"letters of {code} are left")
    check(len(page.split('<section class="group"')) == len(WAYS), "letters of other causes were touched")
    return canary


async def work(broker, sandbox, folder, total, lines, failures, console):
    def check(condition, text):
        if not condition:
            failures.append(text)

    post(sandbox, "POST", FAULT)
    connection = await aio_pika.connect(broker.url)
    publishing, consuming = await connection.channel(), await connection.channel()
    await consuming.set_qos(prefetch_count=200)
    queue = await consuming.declare_queue(REPLIES, durable=True, arguments={"x-queue-type": "quorum"})
    answers = Answers()
    await queue.consume(answers.take)

    ways = [way for way, count in WAYS for _ in range(count)]
    step = total / len(ways)
    plan = {int(position * step): way for position, way in enumerate(ways)}
    sent = {}
    for first in range(0, total, 500):
        publishes = []
        for index in range(first, min(first + 500, total)):
            name = uuid.uuid4().hex
            api, body = request(plan.get(index))
            sent[name] = (plan.get(index), body)
            message = aio_pika.Message(
                body, type=api, content_type="application/json", message_id=name, correlation_id=name,
                reply_to=REPLIES, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            publishes.append(publishing.default_exchange.publish(message, routing_key="ocr.requests"))
        await asyncio.gather(*publishes)
    await answers.wait_for(total)
    lines.append(f"{total} requests answered, {len(ways)} of them with errors of {len(WAYS)} kinds")

    if console:
        letter = await work_on_pages(console, sandbox, lines, sent, answers, total, check)
        await connection.close()
        return count_answers(answers.types, sent, letter, lines, check)
    operator = Operator(broker.url, lines)
    code, output, _ = await operator.dead("stats")
    operator.note(output)
    check(code == 0, "stats failed")
    code, output, _ = await operator.dead("stats", "--json")
    statistics = json.loads(output)
    check(statistics["letters"] == len(ways), f"{statistics['letters']} letters instead of {len(ways)}")
    cause = statistics["causes"][0]["name"]
    check(statistics["causes"][0]["letters"] == WAYS[0][1], "the biggest cause is not the service's fault")

    code, output, _ = await operator.dead("list", "--cause", cause, "--limit", "1", "--json")
    letter = json.loads(output)["id"]
    code, output, _ = await operator.dead("show", letter, "--save", f"{folder}/pictures")
    operator.note(output)
    saved = list(pathlib.Path(folder, "pictures").iterdir())
    original = base64.b64decode(json.loads(sent[letter][1])["image"])
    check(len(saved) == 1 and saved[0].read_bytes() == original, "the saved picture is not the one that was sent")

    code, output, _ = await operator.dead(
        "replay", "--cause", cause, "--canary", "1", "--yes", "--plan", f"{folder}/early.plan")
    operator.note(output)
    check(code == 1 and "the canary failed again" in output, "a replay too early was not stopped by its canary")
    await answers.wait_for(total + 1)

    post(sandbox, "DELETE")
    lines.append("the OCR service is mended")
    code, output, _ = await operator.dead(
        "replay", "--cause", cause, "--canary", "1", "--rate", "100", "--yes", "--plan", f"{folder}/replay.plan")
    operator.note(output)
    check(code == 0, f"the replay ended with {code}")
    await answers.wait_for(total + 1 + WAYS[0][1])
    code, output, _ = await operator.dead("replay", "--yes", "--plan", f"{folder}/replay.plan")
    operator.note(output)
    check(code == 0 and output.startswith("0 letters sent"), "the plan sent something a second time")

    code, output, _ = await operator.dead("stats", "--cause", cause, "--json")
    left = json.loads(output)["letters"]
    lines.append(f"{left} letters of {cause} are left")
    check(left == 0, f"{left} letters of {cause} are left")
    code, output, _ = await operator.dead("stats", "--json")
    check(json.loads(output)["letters"] == len(ways) - WAYS[0][1], "letters of other causes were touched")
    await connection.close()
    count_answers(answers.types, sent, letter, lines, check)


def count_answers(types, sent, canary, lines, check):
    """A good request has one result, a bad one an error; a replayed one its error and one result."""
    error, result = "ocr.error.v1", "ocr.result.v1"
    wrong = []
    for name, (way, _) in sent.items():
        due = {None: [result], WAYS[0][0]: [error, result]}.get(way, [error])
        # The canary of the first, early replay was answered once more: with the error of its second try.
        if name == canary:
            due = [error, error, result]
        if types[name] != due:
            wrong.append(f"{name} ({way}): {types[name]}")
    lines.append(f"{len(sent) - len(wrong)} of {len(sent)} requests have exactly the answers they are due")
    check(not wrong, f"{len(wrong)} requests have other answers than they are due, the first: {wrong[:1]}")


def post(sandbox, method, fault=None):
    data = json.dumps(fault).encode() if fault else None
    request = urllib.request.Request(
        sandbox.url + "/sandbox/faults", data=data, method=method, headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--with", dest="way", choices=["dead", "console"], default="dead")
    options = parser.parse_args()
    lines, failures = [], []
    with common.workspace() as folder:
        broker, sandbox = common.Broker(), common.Sandbox(folder)
        relays = []
        try:
            for number in range(2):
                relays.append(common.Relay(folder, f"relay-{number}", broker.url, sandbox.url, sandbox.url))
            for relay in relays:
                relay.await_line("notice consuming")
            console = Console(folder, broker.url, []) if options.way == "console" else None
            if console:
                relays.append(console)
            try:
                asyncio.run(work(broker, sandbox, folder, options.requests, lines, failures, console))
            except TimeoutError:
                failures.append("answers did not come in time")
        finally:
            for relay in relays:
                relay.terminate()
            sandbox.kill()
            broker.remove()
    sys.exit(common.report("oncall-console" if options.way == "console" else "oncall", lines, failures))


main()
