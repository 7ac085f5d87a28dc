"""Redis in every kind of trouble, under load: no request fails for it, each relay says once what is wrong and once that
it is over, and nothing in Redis can be read.

    environment.sh shared_state.py [--relays N] [--rate N] [--seconds N]

Relays share token and results through a Redis of their own; the sandbox checks tokens. Requests are published at a
steady rate while Redis is killed, paused, flushed, made a replica, filled up, and given another password, each for some
seconds. The report is left in .reports/shared-state.txt.
"""

import argparse
import asyncio
import base64
import pathlib
import secrets
import signal
import struct
import subprocess
import sys
import time
import uuid
import zlib

import aio_pika

import common

REPLIES = "ocr.reply.shared"
PASSWORD = secrets.token_hex(8)


class Redis(common.Process):
    """A server with nothing on disk."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        super().__init__(
            ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder,
             "--requirepass", PASSWORD], pathlib.Path(folder) / f"redis-{time.time():.0f}.log")
        self.await_line("eady to accept connections")

    def control(self, *arguments, password=PASSWORD):
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), "--no-auth-warning", *arguments], capture_output=True, check=True,
            env={"REDISCLI_AUTH": password, "PATH": "/usr/bin:/bin"})
        return done.stdout

    def again(self):
        return Redis(self.folder, self.port)


def picture(seed):
    """A request with a small grey picture of its own."""
    rows = b"".join(b"\0" + (seed * 4)[:64] for _ in range(64))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0))
           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return b'{"image":"' + base64.b64encode(png) + b'"}'


class Load:
    """Publishes at a steady rate and remembers how each request ended."""

    def __init__(self, url, rate):
        self.url, self.rate = url, rate
        self.running = True
        self.sent, self.ended = {}, {}

    async def run(self):
        connection = await aio_pika.connect(self.url)
        channel = await connection.channel()
        queue = await channel.declare_queue(REPLIES, exclusive=True)
        await queue.consume(self.answered, no_ack=True)
        while self.running:
            name = uuid.uuid4().hex
            self.sent[name] = time.monotonic()
            await channel.default_exchange.publish(
                aio_pika.Message(
                    picture(secrets.token_bytes(16)), type="general-text", content_type="application/json",
                    message_id=name, correlation_id=name, reply_to=REPLIES,
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT), routing_key="ocr.requests", mandatory=True)
            await asyncio.sleep(1 / self.rate)
        until = time.monotonic() + 60
        while len(self.ended) < len(self.sent) and time.monotonic() < until:
            await asyncio.sleep(0.1)
        await connection.close()

    async def answered(self, message):
        if message.correlation_id not in self.ended:
            self.ended[message.correlation_id] = (message.type, time.monotonic())

    def between(self, begin, end):
        """Requests, those without a result, and the 99th percentile of their times in milliseconds."""
        names = [name for name, sent in self.sent.items() if begin <= sent < end]
        failed = [name for name in names if self.ended.get(name, ("none",))[0] != "ocr.result.v1"]
        times = sorted(self.ended[name][1] - self.sent[name] for name in names if name in self.ended)
        return len(names), len(failed), times[int(len(times) * 0.99)] * 1000 if times else 0


class Faults:
    """What is done to Redis: name, kind in the relays' log (None for none), begin, end."""

    def __init__(self, redis):
        self.redis = redis

    def all(self):
        return [
            ("killed", ("unreachable", "connectionLost"), self.kill, self.restart),
            ("paused", ("silent",), lambda: self.redis.child.send_signal(signal.SIGSTOP),
             lambda: self.redis.child.send_signal(signal.SIGCONT)),
            ("flushed", None, lambda: self.redis.control("FLUSHALL"), lambda: None),
            ("read-only", ("readOnly",), lambda: self.redis.control("REPLICAOF", "127.0.0.1", "1"),
             lambda: self.redis.control("REPLICAOF", "NO", "ONE")),
            ("full", ("outOfMemory",), lambda: self.redis.control("CONFIG", "SET", "maxmemory", "1"),
             lambda: self.redis.control("CONFIG", "SET", "maxmemory", "0")),
            ("wrong password", ("wrongPassword", "connectionLost"), self.lock, self.unlock),
        ]

    def kill(self):
        self.redis.kill()

    def restart(self):
        self.redis = self.redis.again()

    def lock(self):
        self.redis.control("CONFIG", "SET", "requirepass", "another")
        self.redis.control("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no", password="another")

    def unlock(self):
        self.redis.control("CONFIG", "SET", "requirepass", PASSWORD, password="another")


def count(relays, since, *texts):
    """Lines of each relay's log behind `since` that contain all texts."""
    return [
        sum(all(text in line for text in texts) for line in relay.log_file.read_text().splitlines()[start:])
        for relay, start in zip(relays, since)]


def lengths(relays):
    return [len(relay.log_file.read_text().splitlines()) for relay in relays]


async def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        await asyncio.sleep(0.05)


async def run(options, folder, broker, sandbox, redis):
    shared = {
        "redis_url": f"redis://127.0.0.1:{redis.port}", "redis_password": PASSWORD, "auth_store": "redis",
        "results_kind": "redis", "seal_key": secrets.token_hex(32), "http_listen": ""}
    relays = [
        common.Relay(folder, f"relay-{number}", broker.url, sandbox.url, sandbox.url, **shared)
        for number in range(options.relays)]
    for relay in relays:
        await asyncio.to_thread(relay.await_line, "notice consuming")
        await asyncio.to_thread(relay.await_line, "Redis can be used")
    load, faults = Load(broker.url, options.rate), Faults(redis)
    working = asyncio.create_task(load.run())
    await asyncio.sleep(options.seconds)
    rows, failures = [], []
    for name, kinds, begin, end in faults.all():
        common.log(name)
        since, began = lengths(relays), time.monotonic()
        await asyncio.to_thread(begin)
        await asyncio.sleep(options.seconds)
        await asyncio.to_thread(end)
        over = "Redis can be used" if kinds else "Redis has lost"
        await until(lambda: all(count(relays, since, over)))
        await asyncio.sleep(options.seconds)
        told = count(relays, since, "Redis cannot be used")
        seen = sorted({line.split("kind=")[1].split()[0] for relay, start in zip(relays, since)
                       for line in relay.log_file.read_text().splitlines()[start:] if "Redis cannot be used" in line})
        rows.append((name, began, time.monotonic(), told, seen, count(relays, since, over)))
        if kinds and not set(seen) <= set(kinds):
            failures.append(f"{name}: told as {seen}")
        # A connection that is cut for another reason is told as well.
        if max(told) > (len(kinds) if kinds and name == "wrong password" else 1 if kinds else 0):
            failures.append(f"{name}: told {told} times")
        if min(rows[-1][5]) < 1:
            failures.append(f"{name}: its end was not told by all")
    load.running = False
    await working
    readable = readable_values(faults.redis, [b"words_block_list", b"token", b"result\""])
    logins = sum(count(relays, [0] * len(relays), "audit=login"))
    codes = [await asyncio.to_thread(relay.terminate) for relay in relays]
    return load, rows, failures, readable, logins, codes


def readable_values(redis, texts):
    """Keys whose value contains something that should be sealed."""
    keys = redis.control("--raw", "KEYS", "*").split()
    return [key.decode() for key in keys if any(text in redis.control("--raw", "GET", key.decode()) for text in texts)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--relays", type=int, default=4)
    parser.add_argument("--rate", type=int, default=100, help="requests per second")
    parser.add_argument("--seconds", type=int, default=5, help="length of each fault, and of the time between two")
    options = parser.parse_args()
    with common.workspace() as folder:
        broker = common.Broker(folder)
        try:
            sandbox, redis = common.Sandbox(folder), Redis(folder, common.free_port())
            load, rows, failures, readable, logins, codes = asyncio.run(run(options, folder, broker, sandbox, redis))
        finally:
            broker.remove()
        lines = [f"{options.relays} relays, {options.rate} requests/s, each fault {options.seconds} s, logins: {logins}", "",
                 f"{'Redis':<16}{'requests':>9}{'failed':>8}{'p99 ms':>8}  {'told by each':<16}{'as':<28}{'over, told':<12}"]
        for name, begin, end, told, seen, over in rows:
            requests, failed, p99 = load.between(begin, end)
            lines.append(
                f"{name:<16}{requests:>9}{failed:>8}{p99:>8.0f}  {'/'.join(map(str, told)):<16}{', '.join(seen):<28}"
                f"{'/'.join(map(str, over)):<12}")
            if failed:
                failures.append(f"{name}: {failed} requests failed")
        missing = len(load.sent) - len(load.ended)
        lines += ["", f"{len(load.sent)} requests, {missing} without an answer, {len(readable)} readable values in Redis"]
        if missing:
            failures.append(f"{missing} requests have no answer")
        if readable:
            failures.append(f"readable in Redis: {readable[:3]}")
        if any(codes):
            failures.append(f"exit codes of the relays: {codes}")
        return common.report("shared-state", lines, failures)


if __name__ == "__main__":
    sys.exit(main())
