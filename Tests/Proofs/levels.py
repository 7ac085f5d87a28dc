"""Retry levels do not wait for each other: with thousands of requests in the ten-minute level, those of the two-second
level come back in time.

    environment.sh levels.py [--waiting N] [--short N]

The stub asks the first ones to come back in ten minutes, then fails each of the others once; its ledger tells how long
they took from the failed call to the next. The figures are left in .reports/levels.txt.
"""

import argparse
import asyncio
import uuid

import aio_pika

import common

REPLIES = "ocr.reply.levels"
LEVEL = "ocr.retry.10m"
LIMIT_SECONDS = 3.0
NEXT_LEVEL_SECONDS = 9.9
FAILURE = '{"error_code":"ModelArts.4603","error_msg":"Obtaining the file failed."}'
ANSWERS = {
    "late": [{"status": 400, "headers": {"Retry-After": "600"}, "body": FAILURE}],
    "short": [{"status": 400, "headers": {}, "body": FAILURE}, {"action": "ok"}],
}


class Client:
    """Publishes requests and notes which were answered."""

    def __init__(self, channel):
        self.channel = channel
        self.answered = set()
        self.changed = asyncio.Event()

    async def listen(self):
        queue = await self.channel.declare_queue(REPLIES, durable=True)
        await queue.consume(self.collect, no_ack=True)

    def collect(self, message):
        if message.type == "ocr.result.v1":
            self.answered.add(message.correlation_id)
        self.changed.set()

    async def publish(self, script):
        name = f"{0:08d}{uuid.uuid4().hex}"
        body = f'{{"url":"https://pictures.example.com/answers/{script}/{name}"}}'.encode()
        await common.publish(self.channel, name, body, REPLIES)
        return name


async def run(options, broker):
    connection = await aio_pika.connect(broker.url)
    client = Client(await connection.channel())
    await client.listen()
    for start in range(0, options.waiting, 500):
        await asyncio.gather(*(client.publish("late") for _ in range(min(500, options.waiting - start))))
    level = lambda: broker.depths([LEVEL])[LEVEL]
    async with asyncio.timeout(120):
        while await asyncio.to_thread(level) < options.waiting:
            await asyncio.sleep(0.2)
    common.log(f"{options.waiting} requests wait in {LEVEL}")
    names = []
    for _ in range(options.short // 20):
        names += await asyncio.gather(*(client.publish("short") for _ in range(20)))
        await asyncio.sleep(0.2)
    async with asyncio.timeout(60):
        while len(client.answered) < len(names):
            client.changed.clear()
            await client.changed.wait()
    left = await asyncio.to_thread(level)
    await connection.close()
    return names, left


def judge(options, names, left, calls):
    every = [calls[name][1][0] - calls[name][0][1] for name in names]
    # Retries are spread over two neighbouring levels: what took less than the longer one was in the shorter.
    waits = sorted(wait for wait in every if wait < NEXT_LEVEL_SECONDS)
    pick = lambda share: waits[min(len(waits) - 1, int(len(waits) * share))]
    lines = [
        f"waiting in {LEVEL}      {options.waiting:>8}, at the end {left}",
        f"retries of two seconds {len(waits):>8}, of ten seconds {len(every) - len(waits)}",
        f"came back after        shortest {waits[0]:.2f} s, p50 {pick(0.5):.2f} s, p99 {pick(0.99):.2f} s, "
        f"longest {waits[-1]:.2f} s"]
    failures = []
    if pick(0.99) > LIMIT_SECONDS:
        failures.append(f"p99 is {pick(0.99):.2f} s, more than {LIMIT_SECONDS} s")
    if len(waits) < len(every) / 4:
        failures.append(f"only {len(waits)} of {len(every)} retries came back before {NEXT_LEVEL_SECONDS} s")
    if left != options.waiting:
        failures.append(f"{left} requests wait in {LEVEL} at the end, not {options.waiting}")
    if wrong := [name for name in names if len(calls[name]) != 2]:
        failures.append(f"{len(wrong)} requests did not take two calls: {calls[wrong[0]]}")
    return lines, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--short", type=int, default=1_000)
    options = parser.parse_args()
    with common.workspace() as folder:
        broker, stub = common.Broker(folder), common.Stub(folder, ANSWERS)
        try:
            relay = common.Relay(folder, "relay", broker.url, f"{stub.url}/scripted", stub.url, retry_budget_per_minute=1_000_000)
            relay.await_line("notice consuming")
            names, left = asyncio.run(run(options, broker))
            lines, failures = judge(options, names, left, stub.ledger())
            code = relay.terminate()
            if code != 0:
                failures.append(f"the relay ended with {code}")
        finally:
            stub.kill()
            broker.remove()
        verdict = common.report("levels", lines, failures)
        if verdict:
            raise SystemExit(verdict)


main()
