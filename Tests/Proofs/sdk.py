"""The vendor's own client library and ours meet: each must take what the other sends.

    environment.sh sdk.py [--requests N]

1. The library (PyPI huaweicloudsdkocr) calls every API of ocr-sandbox with an access key and gets a parsed result; a
   wrong secret, an unknown key and a clock that is off are refused in words that it understands.
2. A relay signs requests of random API, kind and size; the library's signer (huaweicloudsdkcore) signs each one again
   as it arrived, and both signatures must be the same.

The table of what was tried is left in .reports/sdk.txt.
"""

import argparse
import base64
import collections
import http.server
import json
import os
import pathlib
import random
import re
import sys
import threading
import uuid

import huaweicloudsdkocr.v1 as ocr
import pika
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

import common
import pictures

PROJECT = "0c0ffee0d0c5ca9700d15ea5e0ddba11"
ACCESS_KEY, SECRET_KEY = "SANDBOXACCESSKEY0001", "sandbox-secret-key"
CATALOGUE = common.ROOT / "Sources/HuaweiCloud/Catalogue/ocr-apis.json"
SECONDS = 120


# MARK: The library calls the sandbox

def client(url, access_key=ACCESS_KEY, secret_key=SECRET_KEY):
    credentials = BasicCredentials(access_key, secret_key, PROJECT)
    return ocr.OcrClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def body(api, request_class):
    """The smallest body of an API, as the library's own class."""
    body_class = getattr(ocr, request_class.openapi_types["body"])
    values = {}
    sources = [name for group in api.get("exactly_one_of", []) for name in group[:1]]
    for parameter in api["parameters"]:
        name = parameter["name"]
        if name in sources or parameter.get("required"):
            values[name] = value(parameter)
    return body_class(**values)


def value(parameter):
    if parameter["kind"] == "image":
        return base64.b64encode(pictures.white(400, 400)).decode()
    if parameter["name"] == "template_id":
        return "sandbox-template"
    if parameter.get("values"):
        return parameter["values"][0]
    if parameter["name"].endswith("date"):
        return "2026-01-02"
    return {"boolean": True, "integer": 1}.get(parameter["kind"], "12345678")


def call(library, api):
    request_class = getattr(ocr, api["operation"] + "Request")
    request = request_class()
    request.body = body(api, request_class)
    return getattr(library, snake(api["operation"]))(request)


def run_library(folder):
    sandbox = common.Sandbox(folder)
    failures, results = [], collections.Counter()
    library = client(sandbox.url)
    apis = json.loads(CATALOGUE.read_text())["apis"]
    for api in apis:
        try:
            answer = call(library, api)
            parsed = answer.result is not None and answer.status_code == 200
            results["parsed" if parsed else "without result"] += 1
            if not parsed:
                failures.append(f"{api['name']}: the library found no result in {answer}")
        except exceptions.SdkException as refusal:
            results["refused"] += 1
            failures.append(f"{api['name']}: {refusal}")
    wrong = [(ACCESS_KEY, "another-secret", "verify aksk signature fail"), ("UNKNOWNKEY", SECRET_KEY, "ak not exist")]
    for access_key, secret_key, words in wrong:
        failures += refused(client(sandbox.url, access_key, secret_key), apis[0], words)
    sandbox.terminate()
    other = pathlib.Path(folder, "skewed")
    other.mkdir()
    skewed = common.Sandbox(other, "--clock-offset-seconds", "3600")
    failures += refused(client(skewed.url), apis[0], "signature expired")
    skewed.terminate()
    return [f"the library called {len(apis)} APIs of the sandbox: {dict(results)}",
            "a wrong secret, an unknown key and a clock that is off: refused with the right words"], failures


def refused(library, api, words):
    try:
        call(library, api)
    except exceptions.ClientRequestException as refusal:
        if refusal.status_code == 401 and words in refusal.error_msg:
            return []
        return [f"refused with {refusal.status_code} {refusal.error_msg}, not {words}"]
    return [f"not refused: {words}"]


# MARK: The library checks what the relay signs

class Server(http.server.ThreadingHTTPServer):
    """A stand-in for the OCR service that lets the library's signer judge every call."""

    daemon_threads = True

    def __init__(self, security_token):
        super().__init__(("127.0.0.1", 0), Handler)
        self.security_token = security_token
        self.verdicts = collections.Counter()
        self.failures = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        problem = self.problem(sent)
        if problem:
            self.server.failures.append(problem)
        self.server.verdicts["different" if problem else "the same"] += 1
        answer = b'{"result":{}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def problem(self, sent):
        authorization = self.headers["Authorization"] or ""
        names = re.search(r"SignedHeaders=([^,]*)", authorization)
        if not names:
            return f"no signature: {authorization!r}"
        headers = {name: self.headers[name] for name in names[1].split(";")}
        needed = {"host", "x-sdk-date", "x-project-id", "content-type"}
        if self.server.security_token:
            needed.add("x-security-token")
        if not needed <= set(headers):
            return f"not signed: {needed - set(headers)}"
        if self.server.security_token and headers["x-security-token"] != self.server.security_token:
            return "another security token"
        # The signer only leaves a content type alone that has this spelling.
        headers["Content-Type"] = headers.pop("content-type")
        again = SdkRequest(
            method=self.command, schema="http", host=headers["host"], resource_path=self.path, query_params=[],
            header_params=headers, body=sent)
        expected = Signer(BasicCredentials(ACCESS_KEY, SECRET_KEY, PROJECT)).sign(again)
        if expected.header_params["Authorization"] != authorization:
            return f"{self.path}: {authorization} and not {expected.header_params['Authorization']}"
        return None

    def log_message(self, *_):
        pass


def publish(url, count, generator):
    """Publishes random requests and returns how many got a result."""
    apis = [api for api in json.loads(CATALOGUE.read_text())["apis"]
            if api.get("exactly_one_of") == [["image", "url"]] and not any(p.get("required") for p in api["parameters"])]
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    queue = channel.queue_declare("ocr.reply." + uuid.uuid4().hex, exclusive=True).method.queue
    for _ in range(count):
        image = pictures.white(generator.randint(15, 400), generator.randint(15, 400), generator.randbytes(
            generator.choice([0, 10, 1_000, 100_000, 1_000_000])))
        api = generator.choice(apis)["name"]
        if generator.random() < 0.5:
            kind, content = "image/png", image
        else:
            kind = "application/json"
            content = json.dumps({"image": base64.b64encode(image).decode()}).encode()
        channel.basic_publish("", "ocr.requests", content, pika.BasicProperties(
            type=api, content_type=kind, reply_to=queue, message_id=uuid.uuid4().hex, delivery_mode=2))
    results = collections.Counter()
    for _, properties, text in channel.consume(queue, auto_ack=True, inactivity_timeout=SECONDS):
        if properties is None:
            break
        results[properties.type] += 1
        if properties.type != "ocr.result.v1":
            common.log(text.decode()[:1_000])
        if sum(results.values()) == count:
            break
    connection.close()
    return results


def run_signatures(folder, count, seed):
    failures, lines = [], []
    generator = random.Random(seed)
    broker = common.Broker()
    try:
        for name, settings in {
            "permanent key": {}, "temporary key": {"auth_security_token": "st-" + "x" * 2_000},
            "enterprise project": {"backend_enterprise_project_id": "0"},
        }.items():
            share = count // 3 + (count % 3 if not settings else 0)
            server = Server(settings.get("auth_security_token"))
            relay = common.Relay(
                folder, name.replace(" ", "-"), broker.url, server.url, server.url, auth_kind="ak_sk",
                auth_access_key=ACCESS_KEY, auth_secret_key=SECRET_KEY, backend_project_id=PROJECT,
                limits_documented="leave_to_service", **settings)
            relay.await_line("notice consuming")
            results = publish(broker.url, share, generator)
            if relay.terminate() != 0:
                failures.append(f"{name}: the relay did not end well")
            server.shutdown()
            lines.append(f"{name}: {share} requests, signatures {dict(server.verdicts)}, replies {dict(results)}")
            failures += [f"{name}: {problem}" for problem in server.failures[:5]]
            if server.verdicts["the same"] < share or results["ocr.result.v1"] != share:
                failures.append(f"{name}: not every request was signed and answered")
            text = relay.log_file.read_text()
            failures += [f"{name}: a secret is in the log" for secret in (SECRET_KEY, "st-xxx") if secret in text]
    finally:
        broker.remove()
    return lines, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    lines, failures = [f"seed {options.seed}"], []
    with common.workspace() as folder:
        for part in (lambda: run_library(folder), lambda: run_signatures(folder, options.requests, options.seed)):
            more, wrong = part()
            lines += more
            failures += wrong
        verdict = common.report("sdk", lines, failures)
        if verdict:
            raise SystemExit(verdict)


main()
