"""Many small and some large requests through one relay: each is answered exactly once, nothing is left behind.

    environment.sh load.py [--small N] [--large N] [--prefetch N]

Prints the relay's CPU time for a message and its peak memory, and leaves the figures in .reports/load.txt.
"""

import argparse
import asyncio
import base64
import collections
import json
import sys
import time
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.load"
MARKER = 40  # last characters of a request that the stub repeats in its answer


def marker(index):
    return f"{index:08d}{uuid.uuid4().hex}"


def small(index):
    """1 KiB of JSON with an address."""
    head, tail = '{"url":"https://pictures.example.com/', '"}'
    name = marker(index)
    padding = "p" * (1024 - len(head) - len(tail) - len(name))
    return name, (head + padding + name + tail).encode()


class Large:
    """10 MiB of JSON with an image; only the end of the picture differs."""

    def __init__(self):
        header = bytes.fromhex("89504e470d0a1a0a0000000d49484452000007d0000007d00802000000")
        size = 10 * 1024 * 1024 - len('{"image":""}')
        picture = base64.b64encode(header + bytes(range(256)) * (size * 3 // 4 // 256))
        self.body = b'{"image":"' + picture.ljust(size, b"A")[: size - MARKER]

    def __call__(self, index):
        name = marker(index)
        return name, self.body + name.encode() + b'"}'


async def run_phase(url, count, make, window):
    """Publishes `count` requests with at most `window` unanswered, and returns what came back."""
    connection = await aio_pika.connect(url)
    publishing, consuming = await connection.channel(), await connection.channel()
    await consuming.set_qos(prefetch_count=200)
    replies = await consuming.declare_queue(REPLIES, durable=True)
    places = asyncio.Semaphore(window)
    seen, bad = collections.Counter(), []
    expected, everything = {}, asyncio.Event()

    async def collect(message):
        async with message.process():
            name = message.correlation_id
            seen[name] += 1
            answer = json.loads(message.body) if message.type == "ocr.result.v1" else {}
            if name not in expected or answer.get("result", {}).get("marker") != name:
                bad.append(f"{name}: {message.type} {message.body[:200]}")
            if seen[name] == 1:
                places.release()
            if len(seen) >= count:
                everything.set()

    async def publish(index):
        name, body = make(index)
        expected[name] = True
        message = aio_pika.Message(
            body, type="general-text", content_type="application/json", message_id=name, correlation_id=name,
            reply_to=REPLIES, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await publishing.default_exchange.publish(message, routing_key="ocr.requests", mandatory=True)

    await replies.consume(collect)
    publishes = set()
    for index in range(count):
        await places.acquire()
        task = asyncio.create_task(publish(index))
        publishes.add(task)
        task.add_done_callback(publishes.discard)
    await asyncio.gather(*publishes)
    try:
        await asyncio.wait_for(everything.wait(), 120)
    except asyncio.TimeoutError:
        common.log(f"gave up waiting: {len(seen)} of {count} answered")
    await connection.close()
    return expected, seen, bad


def phase(name, count, make, window, broker, relay, stub):
    if count == 0:
        return "", []
    cpu, calls, started = relay.cpu_seconds(), stub.calls(), time.monotonic()
    expected, seen, bad = asyncio.run(run_phase(broker.url, count, make, window))
    elapsed = time.monotonic() - started
    cpu, calls = relay.cpu_seconds() - cpu, stub.calls() - calls
    missing = [key for key in expected if not seen[key]]
    repeated = [key for key, times in seen.items() if times > 1]
    line = (
        f"{name:<8}{count:>9}{count - len(missing):>10}{len(repeated):>10}{len(bad):>7}{calls:>8}"
        f"{cpu / count * 1e6:>12.0f}{relay.peak_memory_mib():>12.1f}{count / elapsed:>11.0f}")
    failures = []
    if missing:
        failures.append(f"{name}: {len(missing)} requests without an answer")
    if repeated:
        failures.append(f"{name}: {len(repeated)} requests answered more than once")
    if bad:
        failures.append(f"{name}: {len(bad)} wrong answers, the first: {bad[0]}")
    if calls != count:
        failures.append(f"{name}: {calls} OCR calls for {count} requests")
    return line, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", type=int, default=20_000)
    parser.add_argument("--large", type=int, default=200)
    parser.add_argument("--prefetch", type=int, default=50)
    options = parser.parse_args()
    lines = [f"{'':<8}{'requests':>9}{'answered':>10}{'repeated':>10}{'wrong':>7}{'calls':>8}"
             f"{'CPU us/msg':>12}{'peak MiB':>12}{'msg/s':>11}"]
    failures = []
    with common.workspace() as folder:
        broker, stub = common.Broker(folder), common.Stub(folder)
        try:
            relay = common.Relay(folder, "relay", broker.url, stub.url, stub.url, amqp_prefetch=options.prefetch)
            relay.await_line("notice consuming")
            for name, count, make, window in [("1 KiB", options.small, small, 1000), ("10 MiB", options.large, Large(), 60)]:
                common.log(f"{count} requests of {name}")
                line, found = phase(name, count, make, window, broker, relay, stub)
                lines.append(line)
                failures += found
            code = relay.terminate()
            if code != 0:
                failures.append(f"the relay ended with {code}")
            # What was not acknowledged by now is in its queue again.
            left = {name: depth for name, depth in broker.depths().items() if depth}
            if left:
                failures.append(f"messages are left: {left}")
        finally:
            stub.kill()
            broker.remove()
    sys.exit(common.report("load", lines, failures))


main()
