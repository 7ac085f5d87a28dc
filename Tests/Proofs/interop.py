"""Clients that know nothing of this project publish requests and get their replies: pika and aio-pika from PyPI.

    environment.sh interop.py [--url AMQP_URL] [--rounds N]

With --url a relay must be consuming there with its own topology, and it must allow replies to interop.*/*. Without, a
broker, a sandbox and a relay are started, and the report is left in .reports/interop.txt. Each client sends JSON and binary requests, takes the replies through a queue of its own,
direct reply-to and exchange/routing-key, and checks body, type, correlation id and headers.
"""

import argparse
import asyncio
import base64
import json
import struct
import sys
import uuid
import zlib

import aio_pika
import pika

import common

DIRECT = "amq.rabbitmq.reply-to"
SECONDS = 60


said = []


def say(line):
    print(line, flush=True)
    said.append(line)


def picture(width=120, height=60):
    """A white PNG."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def requests():
    """(name, content type, headers, body, type expected of the reply)"""
    image = picture()
    parameters = {"detect_direction": True}
    body = json.dumps({"image": base64.b64encode(image).decode(), **parameters}).encode()
    yield "JSON", "application/json", {}, body, "ocr.result.v1"
    yield "binary", "image/png", {"ocr-options": json.dumps(parameters)}, image, "ocr.result.v1"
    yield "wrong", "application/json", {}, b'{"image":"?"}', "ocr.error.v1"


def check(client, way, request, sent_id, properties, body):
    """Raises unless the reply is what the contract promises."""
    name, _, _, _, expected = request
    document = json.loads(body)
    facts = {
        "type": properties.type == expected,
        "correlation_id": properties.correlation_id == sent_id,
        "message_id": bool(properties.message_id),
        "ocr-api": properties.headers.get("ocr-api") == "general-text",
        "ocr-attempts": isinstance(properties.headers.get("ocr-attempts"), int),
        "ocr-backend": properties.headers.get("ocr-backend") == "huawei",
        "delivery_mode": (properties.delivery_mode == 2) == (way != "direct reply-to"),
    }
    if expected == "ocr.result.v1":
        facts["content_type"] = properties.content_type == "application/json"
        facts["body"] = "words_block_list" in document["result"]
        facts["ocr-billed"] = properties.headers.get("ocr-billed") == "true"
    else:
        facts["content_type"] = properties.content_type == "application/problem+json"
        facts["body"] = document["code"] == "OCR_IMAGE_NOT_BASE64" and document["dead_letter"].startswith("ocr.dead.")
    wrong = [fact for fact, holds in facts.items() if not holds]
    if wrong:
        raise AssertionError(f"{client}, {way}, {name}: wrong {', '.join(wrong)}: {properties} {body[:500]}")
    say(f"ok   {client:<9} {way:<16} {name:<7} {properties.type}")


def run_pika(url):
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    queue = channel.queue_declare("ocr.reply." + uuid.uuid4().hex, exclusive=True).method.queue
    bound = channel.queue_declare("", exclusive=True).method.queue
    exchange = "interop." + uuid.uuid4().hex
    channel.exchange_declare(exchange, "direct", auto_delete=True)
    channel.queue_bind(bound, exchange, "answers/here")
    ways = [("own queue", queue, queue), ("direct reply-to", DIRECT, DIRECT),
            ("exchange/key", bound, exchange + "/answers/here")]
    for way, source, reply_to in ways:
        for request in requests():
            pika_round(channel, way, source, reply_to, request)
    connection.close()


def pika_round(channel, way, source, reply_to, request):
    _, content_type, headers, body, _ = request
    sent_id = uuid.uuid4().hex
    replies = []
    # Direct reply-to wants the consumer first, on the same channel, without acknowledgements.
    tag = channel.basic_consume(source, lambda *reply: replies.append(reply[2:]), auto_ack=True)
    properties = pika.BasicProperties(
        content_type=content_type, headers=headers, correlation_id=sent_id, message_id="request-" + sent_id,
        reply_to=reply_to, delivery_mode=2)
    channel.basic_publish("ocr.requests", "general-text", body, properties, mandatory=True)
    channel.connection.process_data_events(time_limit=0)
    channel.connection.call_later(SECONDS, lambda: replies.append(None))
    while not replies:
        channel.connection.process_data_events(time_limit=SECONDS)
    if replies[0] is None:
        raise AssertionError(f"pika, {way}, {request[0]}: no reply")
    channel.basic_cancel(tag)
    check("pika", way, request, sent_id, *replies[0])


async def run_aio_pika(url):
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("ocr.reply." + uuid.uuid4().hex, exclusive=True)
        bound = await channel.declare_queue(exclusive=True)
        exchange = await channel.declare_exchange("interop." + uuid.uuid4().hex, auto_delete=True)
        await bound.bind(exchange, "answers")
        direct = await channel.get_queue(DIRECT, ensure=False)
        for way, source, reply_to in [("own queue", queue, queue.name), ("direct reply-to", direct, DIRECT),
                                      ("exchange/key", bound, exchange.name + "/answers")]:
            for request in requests():
                await aio_pika_round(channel, way, source, reply_to, request)


async def aio_pika_round(channel, way, source, reply_to, request):
    _, content_type, headers, body, _ = request
    sent_id = uuid.uuid4().hex
    reply = asyncio.get_running_loop().create_future()

    async def receive(message):
        if not reply.done():
            reply.set_result(message)

    tag = await source.consume(receive, no_ack=True)
    # Without `type`: the key of the straight publish to the queue names no API, so here the type must.
    await channel.default_exchange.publish(
        aio_pika.Message(
            body, content_type=content_type, headers=headers, correlation_id=sent_id, message_id="request-" + sent_id,
            reply_to=reply_to, type="general-text", delivery_mode=aio_pika.DeliveryMode.PERSISTENT),
        routing_key="ocr.requests", mandatory=True)
    message = await asyncio.wait_for(reply, SECONDS)
    await source.cancel(tag)
    check("aio-pika", way, request, sent_id, message, message.body)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.url:
        failures = run(options.url, options.rounds)
        sys.exit(failures[0] if failures else 0)
    with common.workspace() as folder:
        broker = common.Broker()
        try:
            sandbox = common.Sandbox(folder)
            relay = common.Relay(
                folder, "relay", broker.url, sandbox.url, sandbox.url,
                replies_allow=f"{DIRECT}.*, amq.gen-*, ocr.reply.*, interop.*/*")
            relay.await_line("notice consuming")
            failures = run(broker.url, options.rounds)
        finally:
            broker.remove()
        verdict = common.report("interop", said, failures)
        if verdict:
            raise SystemExit(verdict)


def run(url, rounds):
    try:
        for _ in range(rounds):
            run_pika(url)
            asyncio.run(run_aio_pika(url))
    except AssertionError as failure:
        return [str(failure)]
    return []


main()
