"""A service with a hard limit that counts every call, and requests for it: what the proofs of rates share."""

import asyncio
import bisect
import json
import threading
import time
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.rate"
TOKEN = "MII" + "a" * 400


class Service:
    """OCR and IAM with a limit of `calls` in any window of `seconds`. `ledger` has (time, status) of every OCR call,
    `begun` the time of the first call for each picture."""

    def __init__(self, calls, seconds):
        self.calls, self.seconds, self.is_down = calls, seconds, False
        self.ledger, self.begun = [], {}
        self.seconds_of_a_call, self.running, self.most_running = 0.02, 0, 0
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
                content = await reader.readexactly(length)
                status, headers, body = self._login() if "/v3/auth/tokens" in head else self._call(content)
                if status == 200:
                    await self._work()
                text = json.dumps(body).encode()
                lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(text)}", "Content-Type: application/json"]
                writer.write("\r\n".join(lines + headers).encode() + b"\r\n\r\n" + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _work(self):
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(self.seconds_of_a_call)
        self.running -= 1

    def _login(self):
        issued = time.time()
        when = lambda t: time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(t))
        project = {"id": "0123456789abcdef0123456789abcdef", "name": "cn-north-4"}
        token = {"issued_at": when(issued), "expires_at": when(issued + 86400), "methods": ["password"]}
        return 201, ["X-Subject-Token: " + TOKEN], {"token": token | {"project": project}}

    def _call(self, content):
        now = time.monotonic()
        self.begun.setdefault(json.loads(content)["url"].rsplit("/", 1)[1], now)
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

    def most_in_a_second(self, start, end):
        times = [at for at, _ in self.part(start, end)]
        return max((i - bisect.bisect_right(times, at - 1) + 1 for i, at in enumerate(times)), default=0)

    def calls_into_a_pause(self, start, end, pause, grace=0.25):
        """Calls that began well after a refusal, within the pause that follows the first of a row of refusals."""
        late, until = 0, 0
        for at, status in self.part(start, end):
            if status == 429 and at >= until:
                refused, until = at, at + pause
            elif at < until and at > refused + grace:
                late += 1
        return late

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

    def __init__(self, url, queue="ocr.requests"):
        self.url, self.queue, self.answers, self.attempts, self.expected = url, queue, {}, [], 0
        self.published = {}

    async def open(self, confirms=True):
        self.connection = await aio_pika.connect(self.url)
        self.channel = await self.connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
        queue = await self.channel.declare_queue(REPLIES, durable=True)
        await queue.consume(self._take, no_ack=True)

    async def _take(self, message):
        self.answers[message.correlation_id] = self.answers.get(message.correlation_id, 0) + 1
        if message.type != "ocr.result.v1":
            self.answers["bad"] = self.answers.get("bad", 0) + 1
        self.attempts.append(message.headers.get("ocr-attempts"))

    async def publish(self, count, user=None, queue=None, marker=""):
        self.expected += count
        names = [marker + uuid.uuid4().hex for _ in range(count)]
        for first in range(0, count, 100):
            await asyncio.gather(*(self._send(name, user, queue or self.queue) for name in names[first:first + 100]))

    async def _send(self, name, user, queue):
        body = json.dumps({"url": f"https://pictures.example.com/{name}"}).encode()
        message = aio_pika.Message(
            body, type="general-text", content_type="application/json", message_id=name, correlation_id=name,
            reply_to=REPLIES, user_id=user, delivery_mode=2)
        self.published[name] = time.monotonic()
        while True:
            try:
                return await self.channel.default_exchange.publish(message, queue)
            except aio_pika.exceptions.DeliveryError:
                await asyncio.sleep(0.2)  # a busy broker refuses now and then

    async def offer(self, per_second, seconds, random, **options):
        """Publishes at random times."""
        at, end = time.monotonic(), time.monotonic() + seconds
        while (at := at + random.expovariate(per_second)) < end:
            await asyncio.sleep(max(0, at - time.monotonic()))
            await self.publish(1, **options)

    async def flood(self, per_second, seconds, **options):
        """Publishes at an even rate, several at a time."""
        begin, sent = time.monotonic(), 0
        while (now := time.monotonic()) < begin + seconds:
            due = int((now - begin) * per_second)
            await self.publish(due - sent, **options)
            sent = due
            await asyncio.sleep(0.05)

    async def keep_waiting(self, count, seconds):
        """Publishes as many as are answered, so that always so many wait."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await self.publish(max(0, count - (self.expected - len(self.attempts))))
            await asyncio.sleep(0.1)

    async def answered(self, count, seconds=600):
        until = time.monotonic() + seconds
        while len(self.attempts) < count and time.monotonic() < until:
            await asyncio.sleep(0.1)
        return len(self.attempts) >= count
