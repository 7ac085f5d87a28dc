"""Spans for a collector: right by OpenTelemetry's own definitions, complete, silent about contents, never in the way.

    environment.sh traces.py [--requests N]

Requests come with a sampled trace, with one that is not sampled, and with none; some fail, some are tried again. Every
export is read with the protocol's own message types, where an unknown field or a wrong kind of value is an error. Then
the collector refuses, hangs, and is gone; and a relay is stopped while spans wait. Prints a table and leaves it in
.reports/traces.txt.
"""

import argparse
import asyncio
import base64
import collections
import contextlib
import http.server
import json
import os
import re
import sys
import threading
import time
import urllib.request

import aio_pika
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

import common
import pictures

SECRET = "what-the-service-says-of-the-picture"
TOKEN = "a-token-for-the-collector-alone"
# How each picture begins in a request.
PICTURE = base64.b64encode(pictures.white()[:24]).decode()
ID_BYTES = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


class Collector:
    """OTLP over HTTP. `mode` is `take`, `refuse` or `hang`."""

    def __init__(self):
        self.mode, self.bodies, self.problems = "take", [], []
        self.released = threading.Event()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path != "/v1/traces" or self.headers["Content-Type"] != "application/json":
                    collector.problems.append(f"{self.path} with {self.headers['Content-Type']}")
                if self.headers["Authorization"] != "Bearer " + TOKEN:
                    collector.problems.append("the header for the collector is missing")
                mode = collector.mode
                if mode == "hang":
                    collector.released.wait()
                if mode == "take":
                    collector.bodies.append(body)
                self.send_response(200 if mode == "take" else 503)
                self.send_header("Content-Length", "2")
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(b"{}")

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def spans(self):
        """All spans so far, as the protocol's own type."""
        return [
            span for body in self.bodies for resource in read(body).resource_spans
            for scope in resource.scope_spans for span in scope.spans]


def read(body):
    """An export request. JSON of OTLP is that of protocol buffers, but for ids, which are hexadecimal."""
    def ids(value):
        if isinstance(value, dict):
            for name, length in ID_BYTES.items():
                if name in value:
                    if not re.fullmatch(f"[0-9a-f]{{{2 * length}}}", value[name]):
                        raise ValueError(f"{name} is {value[name]}")
                    value[name] = base64.b64encode(bytes.fromhex(value[name])).decode()
            for item in value.values():
                ids(item)
        elif isinstance(value, list):
            for item in value:
                ids(item)
        return value

    return json_format.ParseDict(ids(json.loads(body)), trace_service_pb2.ExportTraceServiceRequest())


class Requests:
    """Requests with and without trace context, and their replies."""

    def __init__(self, count):
        self.sampled, self.silent, self.bare = {}, {}, set()
        self.messages = []
        for index in range(count):
            name, headers = f"request-{os.urandom(8).hex()}", {}
            trace, parent = os.urandom(16).hex(), os.urandom(8).hex()
            if index % 3 == 0:
                self.sampled[name] = (trace, parent)
                headers = {"traceparent": f"00-{trace}-{parent}-01", "tracestate": "vendor=1"}
            elif index % 3 == 1:
                self.silent[name] = f"00-{trace}-{parent}-00"
                headers = {"traceparent": self.silent[name]}
            else:
                self.bare.add(name)
            # A picture of its own, as a result that is known already would make no call.
            picture = base64.b64encode(pictures.white(comment=name.encode())).decode()
            body = json.dumps({"image": picture}).encode()
            # Each tenth is refused without a call.
            self.messages.append((name, headers, b"not JSON" if index % 10 == 9 else body))

    async def ask(self, url):
        """{name: reply} of all of them."""
        connection = await aio_pika.connect(url)
        channel = await connection.channel()
        queue = await channel.declare_queue("ocr.reply.traces." + os.urandom(4).hex())
        replies, done = {}, asyncio.Event()

        async def take(message):
            replies[message.correlation_id] = message
            if len(replies) == len(self.messages):
                done.set()

        await queue.consume(take, no_ack=True)
        for first in range(0, len(self.messages), 500):
            await asyncio.gather(*[
                channel.default_exchange.publish(
                    aio_pika.Message(
                        body, type="general-text", content_type="application/json", message_id=name,
                        correlation_id=name, reply_to=queue.name, headers=headers,
                        delivery_mode=aio_pika.DeliveryMode.PERSISTENT),
                    routing_key="ocr.requests", mandatory=True)
                for name, headers, body in self.messages[first:first + 500]])
        await asyncio.wait_for(done.wait(), 300)
        await connection.close()
        return replies


def attributes(span):
    return {item.key: item.value.string_value or item.value.int_value for item in span.attributes}


def judge(requests, replies, spans):
    """What is wrong with the spans of these requests."""
    kinds = collections.Counter(span.kind for span in spans)
    work = [span for span in spans if span.kind == trace_pb2.Span.SPAN_KIND_CONSUMER]
    calls = [span for span in spans if span.kind == trace_pb2.Span.SPAN_KIND_CLIENT]
    if set(kinds) - {trace_pb2.Span.SPAN_KIND_CONSUMER, trace_pb2.Span.SPAN_KIND_CLIENT}:
        yield f"there are other kinds of spans: {kinds}"
    by_id = {span.span_id: span for span in spans}
    if len(by_id) != len(spans):
        yield "two spans have one id"
    of_message = collections.defaultdict(list)
    for span in work:
        of_message[attributes(span)["messaging.message.id"]].append(span)
    if set(of_message) & set(requests.silent):
        yield "a trace that is not sampled was exported"
    for name, (trace, parent) in requests.sampled.items():
        own = of_message.get(name, [])
        if not own or any(span.trace_id.hex() != trace or span.parent_span_id.hex() != parent for span in own):
            yield f"{name} does not go on with its trace"
    for name in requests.bare:
        own = of_message.get(name, [])
        if not own or len({span.trace_id for span in own}) != 1:
            yield f"{name} has {len(own)} spans of its own in one trace"
    for call in calls:
        parent = by_id.get(call.parent_span_id)
        if parent is None or parent.trace_id != call.trace_id:
            yield "a call belongs to no delivery"
        elif not parent.start_time_unix_nano <= call.start_time_unix_nano <= call.end_time_unix_nano \
                <= parent.end_time_unix_nano:
            yield "a call lies outside of its delivery"
    for name, reply in replies.items():
        context = (reply.headers or {}).get("traceparent")
        context = context.decode() if isinstance(context, bytes) else context
        if name in requests.silent:
            if context != requests.silent[name]:
                yield f"{name}: the reply has {context}"
        elif bytes.fromhex(context.split("-")[2]) not in {span.span_id for span in of_message[name]}:
            yield f"{name}: the reply names no span of the request"
    for span in work:
        # A retry carries an error when everybody suffers from its cause.
        outcome, failed = attributes(span)["ocr.outcome"], span.status.code == trace_pb2.Status.STATUS_CODE_ERROR
        if failed not in {"result": [False], "error": [True], "retry": [False, True]}.get(outcome, []):
            yield f"outcome {outcome} with status {span.status.code}"


def metric(port, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return int(re.search(rf"^{name} (\d+)$", text, re.M)[1])


class Bench:
    def __init__(self, folder, broker, sandbox):
        self.folder, self.broker, self.sandbox, self.number = folder, broker, sandbox, 0

    def relay(self, collector_url):
        self.number += 1
        self.port = common.free_port()
        traces = {} if collector_url is None else {
            "traces_otlp_endpoint": collector_url, "traces_otlp_headers": f"authorization=Bearer {TOKEN}"}
        relay = common.Relay(
            self.folder, f"relay-{self.number}", self.broker.url, self.sandbox.url, self.sandbox.url,
            http_listen=f"127.0.0.1:{self.port}", **traces)
        relay.await_line("notice consuming")
        return relay

    def fault(self, **fault):
        request = urllib.request.Request(
            self.sandbox.url + "/sandbox/faults", json.dumps(fault).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request).close()

    def run(self, what, mode, count, lines, failures, with_faults=False):
        """One relay, one lot of requests, one kind of collector; returns the requests, replies and the collector."""
        collector = None if mode is None else Collector()
        if collector:
            collector.mode = mode if mode != "gone" else "take"
            if mode == "gone":
                collector.stop()
        common.log(f"the collector: {what}")
        relay = self.relay(collector and collector.url)
        if with_faults:
            for status, code in [(503, "ModelArts.4302"), (400, "AIS.0104")]:
                self.fault(kind="status", status=status, code=code, message=SECRET, times=20, api="general-text")
        requests = Requests(count)
        begin, before = time.monotonic(), relay.cpu_seconds()
        replies = asyncio.run(requests.ask(self.broker.url))
        seconds, cpu = time.monotonic() - begin, relay.cpu_seconds() - before
        if mode in ["refuse", "hang", "gone"]:
            # Some were given up already, or will be at the end: none keeps the relay.
            relay.await_line("the collector does not take spans")
        dropped = metric(self.port, "ocr_relay_dropped_spans_total")
        code = relay.terminate()
        if code != 0:
            failures.append(f"{what}: the relay ended with {code}")
        spans = collector.spans() if collector else []
        lines.append(
            f"{what:<34}{len(replies):>9}{len(spans):>8}{dropped:>9}{count / seconds:>8.0f}{cpu / count * 1e6:>9.0f}")
        if collector:
            failures += [f"{what}: {problem}" for problem in set(collector.problems)]
            if mode != "gone":
                collector.stop()
        text = b"".join(collector.bodies if collector else []).decode() + relay.log_file.read_text()
        for secret in [SECRET, TOKEN, "demo-password", PICTURE]:
            if secret in text:
                failures.append(f"{what}: spans or log contain {secret}")
        return requests, replies, spans


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=3_000)
    count = parser.parse_args().requests
    lines = [f"{'collector':<34}{'replies':>9}{'spans':>8}{'dropped':>9}{'req/s':>8}{'CPU us':>9}"]
    failures = []
    with common.workspace() as folder:
        broker, sandbox = common.Broker(), common.Sandbox(folder)
        try:
            bench = Bench(folder, broker, sandbox)
            bench.run("none configured", None, count, lines, failures)
            result = bench.run("takes all; 40 calls fail", "take", count, lines, failures, with_faults=True)
            failures += sorted(set(judge(*result)))[:10]
            for what, mode in [
                ("refuses with 503", "refuse"), ("takes and never answers", "hang"), ("is not there", "gone")]:
                requests, replies, spans = bench.run(what, mode, count, lines, failures)
                if len(replies) != count or spans:
                    failures.append(f"{what}: {len(replies)} replies, {len(spans)} spans")
        finally:
            sandbox.kill()
            broker.remove()
    lines += [
        "", "Spans were read with the message types of opentelemetry-proto; unknown fields are errors.",
        "The relays were stopped right after the last reply: what waited then is among the spans."]
    sys.exit(common.report("traces", lines, failures))


main()
