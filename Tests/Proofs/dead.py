"""100,000 dead letters: how long `dead stats` takes, how much memory, and that looking changes nothing.

    environment.sh dead.py [--letters N]

The last row is of a broker that stands still for some seconds in the middle, as one on a busy machine does. Prints a
table and leaves it in .reports/dead.txt.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import aio_pika

import common

SECONDS = 10
MEMORY_GROWTH_MIB = 4
CAUSES = [
    ("unsupported_image", "OCR_IMAGE_DAMAGED", 60), ("invalid_request", "OCR_BACKEND_REJECTED_REQUEST", 25),
    ("malformed", "OCR_BODY_NOT_JSON", 10), ("poison", "OCR_POISON", 5)]


def letter(index):
    """A dead copy as a relay makes it, with a small body."""
    cause, code, _ = CAUSES[index % 20 % len(CAUSES)]
    now = int(time.time() * 1000)
    headers = {
        "ocr-error-code": code, "ocr-error-class": cause, "ocr-error-message": "The image cannot be used.",
        "ocr-attempts": 1, "ocr-first-failed-at": now - index, "ocr-last-failed-at": now - index,
        "ocr-origin-exchange": "ocr.requests", "ocr-origin-routing-key": "general-text",
        "ocr-origin-queue": "ocr.requests", "ocr-replay-count": 0, "ocr-origin-user": f"scanner-{index % 7}"}
    name = uuid.uuid4().hex
    body = b'{"url":"https://pictures.example.com/' + name.encode() * 4 + b'"}'
    return cause, aio_pika.Message(
        body, type="general-text", content_type="application/json", message_id=name, reply_to="ocr.reply.dead",
        headers=headers, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)


async def fill(url, begin, end):
    connection = await aio_pika.connect(url)
    channel = await connection.channel()
    exchange = await channel.get_exchange("ocr.dead", ensure=False)
    for first in range(begin, end, 2000):
        letters = [letter(index) for index in range(first, min(first + 2000, end))]
        await asyncio.gather(*[exchange.publish(message, cause) for cause, message in letters])
    await connection.close()


# Starts a program and tells what it took. A small process of its own: the system counts the memory of whoever starts a
# program for the program too.
LAUNCHER = """
import json, os, subprocess, sys, time
begin = time.monotonic()
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
with open(sys.argv[1], "w") as file:
    json.dump({"code": child.returncode, "seconds": time.monotonic() - begin, "peak_mib": usage.ru_maxrss / 1024,
               "cpu_seconds": usage.ru_utime + usage.ru_stime}, file)
"""


class Run:
    """One run of `ocr-relay dead`: its output, its time, its peak memory."""

    def __init__(self, url, *arguments):
        environment = os.environ | {"OCR_RELAY_AMQP_URL": url}
        with tempfile.NamedTemporaryFile() as figures:
            self.output = subprocess.run(
                [sys.executable, "-S", "-c", LAUNCHER, figures.name, common.program("ocr-relay"), "dead", *arguments],
                env=environment, stdout=subprocess.PIPE, check=True).stdout
            taken = json.load(figures)
        self.seconds, self.peak_mib = taken["seconds"], taken["peak_mib"]
        self.cpu_seconds, self.code = taken["cpu_seconds"], taken["code"]


@contextlib.contextmanager
def stalled(broker, begin_seconds, seconds):
    """The broker stands still for a while, that long after the beginning."""
    def stall():
        time.sleep(begin_seconds)
        os.kill(broker.pid(), signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(broker.pid(), signal.SIGCONT)
    thread = threading.Thread(target=stall)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def order(url):
    """A hash of all ids in the order in which they are listed."""
    run = Run(url, "list", "--json", "--limit", "10000000")
    ids = [json.loads(line)["id"] for line in run.output.splitlines()]
    return len(ids), hashlib.sha256("".join(ids).encode()).hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, default=100_000)
    options = parser.parse_args()
    lines = [f"{'letters':>9}{'stats s':>10}{'CPU s':>8}{'peak MiB':>10}{'order':>12}"]
    failures, peaks = [], []
    with common.workspace() as folder:
        broker, sandbox = common.Broker(), common.Sandbox(folder)
        try:
            relay = common.Relay(folder, "relay", broker.url, sandbox.url, sandbox.url)
            relay.await_line("notice consuming")
            relay.terminate()
            filled = 0
            rows = [(options.letters // 100, 0), (options.letters // 10, 0), (options.letters, 0), (options.letters, 4)]
            for count, stall_seconds in rows:
                if count > filled:
                    common.log(f"publishing up to {count} letters")
                    asyncio.run(fill(broker.url, filled, count))
                    filled = count
                before = order(broker.url)
                with stalled(broker, 0.3, stall_seconds) if stall_seconds else contextlib.nullcontext():
                    run = Run(broker.url, "stats", "--json")
                after = order(broker.url)
                found = json.loads(run.output)["letters"] if run.code == 0 else -1
                kept = before == after and before[0] == count
                peaks.append(run.peak_mib)
                lines.append(
                    f"{count:>9}{run.seconds:>10.2f}{run.cpu_seconds:>8.2f}{run.peak_mib:>10.1f}"
                    f"{'unchanged' if kept else 'CHANGED':>12}"
                    + (f"  broker still for {stall_seconds} s" if stall_seconds else ""))
                if found != count:
                    failures.append(f"stats counts {found} of {count} letters")
                if not kept:
                    failures.append(f"{count} letters: looking changed their order or number")
                allowed = SECONDS + stall_seconds
                if run.seconds > allowed:
                    failures.append(f"{count} letters: stats took {run.seconds:.1f} s, allowed are {allowed}")
            if max(peaks) - peaks[0] > MEMORY_GROWTH_MIB:
                failures.append(f"memory grows with the number of letters: {peaks[0]:.0f} to {max(peaks):.0f} MiB")
        finally:
            sandbox.kill()
            broker.remove()
    sys.exit(common.report("dead", lines, failures))


main()
