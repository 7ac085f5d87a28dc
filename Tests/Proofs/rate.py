"""Many requests at once for a service with a hard limit, through several relays that share one rate through Redis.

    environment.sh rate.py [--relays N] [--requests N] [--calls N] [--seconds N] [--short]

The service is a server here that counts every call, refused ones included, in any window. Phases: the limit is learnt and
kept; Redis is killed and comes back; the service answers 503 to everybody. Prints a table, and leaves it in
.reports/rate.txt.
"""

import argparse
import asyncio
import bisect
import json
import shutil
import sys
import threading
import time
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.rate"
TOKEN = "MII" + "a" * 400


class Service:
    """OCR and IAM with a limit of `calls` in any window of `seconds`. `ledger` has (time, status) of every OCR call."""

    def __init__(self, calls, seconds):
        self.calls, self.seconds, self.is_down = calls, seconds, False
        self.ledger = []
        self.port = common.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        started = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True).start()
        started.wait()

    async def _serve(self, started):
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=1024)
        started.set()
        await server.serve_forever()

    async def _connected(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = next((int(l.split(":")[1]) for l in head.split("\r\n") if l.startswith("content-length")), 0)
                await reader.readexactly(length)
                status, headers, body = self._login() if "/v3/auth/tokens" in head else self._call()
                if status == 200:
                    await asyncio.sleep(0.02)
                text = json.dumps(body).encode()
                lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(text)}", "Content-Type: application/json"]
                writer.write("\r\n".join(lines + headers).encode() + b"\r\n\r\n" + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _login(self):
        issued = time.time()
        when = lambda t: time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(t))
        project = {"id": "0123456789abcdef0123456789abcdef", "name": "cn-north-4"}
        token = {"issued_at": when(issued), "expires_at": when(issued + 86400), "methods": ["password"]}
        return 201, ["X-Subject-Token: " + TOKEN], {"token": token | {"project": project}}

    def _call(self):
        now = time.monotonic()
        first = bisect.bisect_right(self.ledger, (now - self.seconds, 1000))
        if self.is_down:
            status = 503
        else:
            status = 429 if len(self.ledger) - first >= self.calls else 200
        self.ledger.append((now, status))
        if status == 200:
            return 200, [], {"result": {"words_block_count": 0, "words_block_list": []}}
        if status == 503:
            return 503, [], {"error_code": "ModelArts.4302", "error_msg": "busy"}
        text = "The throttling threshold has been reached: policy user over ratelimit,limit:{},time:{} second."
        return 429, [], {"error_code": "APIG.0308", "error_msg": text.format(self.calls, self.seconds)}

    def part(self, start, end):
        return [entry for entry in self.ledger if start <= entry[0] < end]

    def most_in_a_window(self, start, end):
        times = [at for at, _ in self.part(start, end)]
        return max((i - bisect.bisect_right(times, at - self.seconds) + 1 for i, at in enumerate(times)), default=0)

    def used(self, start, end):
        good = sum(status == 200 for _, status in self.part(start, end))
        return good / (self.calls / self.seconds * (end - start))


class Redis(common.Process):
    def __init__(self, folder, port):
        super().__init__(
            ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            f"{folder}/redis.log")
        self.await_line("eady to accept connections")


class Requests:
    """Publishes requests and counts what becomes of them."""

    def __init__(self, url):
        self.url, self.answers, self.attempts, self.expected = url, {}, [], 0

    async def open(self):
        self.connection = await aio_pika.connect(self.url)
        self.channel = await self.connection.channel()
        queue = await self.channel.declare_queue(REPLIES, durable=True)
        await queue.consume(self._take, no_ack=True)

    async def _take(self, message):
        self.answers[message.correlation_id] = self.answers.get(message.correlation_id, 0) + 1
        if message.type != "ocr.result.v1":
            self.answers["bad"] = self.answers.get("bad", 0) + 1
        self.attempts.append(message.headers.get("ocr-attempts"))

    async def publish(self, count):
        self.expected += count
        for _ in range(count):
            name = uuid.uuid4().hex
            body = json.dumps({"url": f"https://pictures.example.com/{name}"}).encode()
            await self.channel.default_exchange.publish(
                aio_pika.Message(
                    body, type="general-text", content_type="application/json", message_id=name, correlation_id=name,
                    reply_to=REPLIES), "ocr.requests")

    async def answered(self, count, seconds=600):
        until = time.monotonic() + seconds
        while len(self.attempts) < count and time.monotonic() < until:
            await asyncio.sleep(0.1)
        return len(self.attempts) >= count


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
