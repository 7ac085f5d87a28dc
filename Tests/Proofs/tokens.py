"""Many relays, one credential: logins, renewals, revocations and refusals of a whole fleet, against ocr-sandbox.

    environment.sh tokens.py [--relays N] [--life SECONDS] [--lives N] [--flight N] [--store file|redis]

1. Tokens that live for some seconds, at load: at most 1.2 logins for each life, no failed request, no refused token.
2. A token revoked while many requests are under way: one login, no failed request.
3. A wrong password in every relay: three logins at most, and the log says what to do.
4. app_secret, where each login ends the token before: no login but the first, renewals one at a time.
5. A token revoked when Redis has just been killed (with --store redis): a login for each relay at most.
6. Every secret of the run is absent from logs, metrics, process arguments and Redis.

The tables are left in .reports/tokens-file.txt and tokens-redis.txt.
"""

import argparse
import base64
import collections
import contextlib
import json
import os
import pathlib
import subprocess
import threading
import time
import urllib.request
import uuid

import pika

import common
import pictures

PASSWORD = "demo-password"
REDIS_PASSWORD = "redis-canary-password"
SEAL_KEY = base64.b64encode(b"canary-key-of-thirty-two-bytes!!").decode()
SECRETS = [PASSWORD, "a-wrong-canary-password", "sandbox-app-secret", REDIS_PASSWORD, SEAL_KEY]
IMAGE = json.dumps({"image": base64.b64encode(pictures.white()).decode()}).encode()
PROJECT = "0c0ffee0d0c5ca9700d15ea5e0ddba11"


class Redis(common.Process):
    """A Redis of its own that keeps nothing."""

    def __init__(self, folder):
        self.port = common.free_port()
        file = pathlib.Path(folder, "redis.conf")
        file.write_text(f'port {self.port}\nbind 127.0.0.1\nsave ""\nrequirepass {REDIS_PASSWORD}\ndir {folder}\n')
        super().__init__(["redis-server", file], pathlib.Path(folder, "redis.log"))
        self.await_line("Ready to accept connections")

    def settings(self):
        return {"auth_store": "redis", "redis_url": f"redis://127.0.0.1:{self.port}",
                "redis_password": REDIS_PASSWORD, "seal_key": SEAL_KEY}

    def content(self):
        """All keys and values as text; what is no text is shown as escapes."""
        def ask(*words):
            done = subprocess.run(
                ["redis-cli", "-p", str(self.port), *words], capture_output=True,
                env=os.environ | {"REDISCLI_AUTH": REDIS_PASSWORD})
            return done.stdout.decode(errors="backslashreplace")

        return "".join(name + ask("GET", name) for name in ask("KEYS", "*").splitlines())


class Fleet:
    """Relays with one token store, a broker and a sandbox of their own."""

    def __init__(self, stack, folder, name, options, sandbox_arguments=(), **settings):
        count = options.relays
        self.folder = pathlib.Path(folder, name)
        self.folder.mkdir()
        self.broker = common.Broker()
        stack.callback(self.broker.remove)
        self.sandbox = common.Sandbox(self.folder, *sandbox_arguments)
        stack.callback(self.sandbox.terminate)
        self.ports = [common.free_port() for _ in range(count)]
        self.redis = None
        store = {"auth_store": "file", "auth_store_folder": self.folder / "state"}
        if options.store == "redis":
            self.redis = Redis(self.folder)
            stack.callback(self.redis.terminate)
            store = self.redis.settings()
        settings = store | settings
        self.relays = [
            common.Relay(self.folder, f"relay-{index}", self.broker.url, self.sandbox.url, self.sandbox.url,
                         http_listen=f"127.0.0.1:{port}", **settings)
            for index, port in enumerate(self.ports)]
        for relay in self.relays:
            stack.callback(relay.terminate)

    def await_consuming(self):
        for relay in self.relays:
            relay.await_line("notice consuming", 120)

    def control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.sandbox.url + "/sandbox" + path, data, method=method)
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def calls(self):
        return [json.loads(line) for line in self.control("GET", "/ledger").splitlines()]

    def leaks(self):
        """Where a secret can be seen."""
        places = {relay.log_file.name: relay.log_file.read_text(errors="replace") for relay in self.relays}
        for relay, port in zip(self.relays, self.ports):
            if relay.child.poll() is None:
                places[f"arguments of {relay.pid}"] = pathlib.Path(f"/proc/{relay.pid}/cmdline").read_text()
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                    places[f"metrics of {relay.pid}"] = answer.read().decode()
        if self.redis and self.redis.child.poll() is None:
            places["Redis"] = self.redis.content()
            if '"version"' in places["Redis"]:
                return ["the record in Redis is not sealed"]
        return [f"{place} shows {secret[:6]}…" for place, text in places.items() for secret in SECRETS if secret in text]


class Load:
    """Publishes requests and counts the kinds of answers."""

    def __init__(self, url):
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.queue = self.channel.queue_declare("ocr.reply." + uuid.uuid4().hex, exclusive=True).method.queue
        self.answers = collections.Counter()
        self.sent = 0
        self.channel.basic_consume(self.queue, self.take, auto_ack=True)

    def take(self, channel, method, properties, body):
        code = json.loads(body).get("code", "?") if properties.type == "ocr.error.v1" else "result"
        self.answers[code] += 1

    def send(self):
        self.channel.basic_publish("", "ocr.requests", IMAGE, pika.BasicProperties(
            type="general-text", content_type="application/json", reply_to=self.queue, message_id=uuid.uuid4().hex,
            delivery_mode=2))
        self.sent += 1

    def run(self, seconds, rate):
        """Sends at a rate for a time, taking answers meanwhile."""
        start = time.monotonic()
        while time.monotonic() < start + seconds:
            while self.sent < (time.monotonic() - start) * rate:
                self.send()
            self.connection.process_data_events(time_limit=0.05)

    def finish(self, seconds=120):
        until = time.monotonic() + seconds
        while sum(self.answers.values()) < self.sent and time.monotonic() < until:
            self.connection.process_data_events(time_limit=0.2)
        self.connection.close()
        return dict(self.answers)

    def problems(self, name):
        return [] if self.answers["result"] == self.sent else [f"{name}: {self.sent} sent, answers {dict(self.answers)}"]


def logins(calls):
    return [call for call in calls if call["api"] in ("iam", "app-login")]


def refused(calls):
    return sum(1 for call in calls if call["status"] == 401 and call["api"] not in ("iam", "app-login", "app-refresh"))


def short_lives(folder, options):
    with contextlib.ExitStack() as stack:
        fleet = Fleet(stack, folder, "lives", options, ["--token-lifetime-seconds", str(options.life)],
                      auth_renew_before_seconds=max(1, options.life // 12))
        fleet.await_consuming()
        load = Load(fleet.broker.url)
        load.run(options.life * options.lives, 40)
        load.finish()
        calls = fleet.calls()
        count, per_life = len(logins(calls)), len(logins(calls)) / options.lives
        failures = load.problems("short lives") + fleet.leaks()
        if per_life > 1.2 and count > options.lives + 1:
            failures.append(f"{count} logins in {options.lives} lives")
        if refused(calls):
            failures.append(f"short lives: {refused(calls)} calls met a refused token")
        return [f"{options.relays} relays, {options.lives} lives of {options.life} s: {count} logins, {per_life:.2f} a "
                f"life; {load.sent} requests, {refused(calls)} refused tokens"], failures


def revocation(folder, options, kills_redis=False):
    name = "revocation without Redis" if kills_redis else "revocation"
    most = options.relays if kills_redis else 1
    with contextlib.ExitStack() as stack:
        prefetch = max(1, options.flight // options.relays)
        fleet = Fleet(stack, folder, name.replace(" ", "-"), options, amqp_prefetch=prefetch,
                      backend_max_connections=prefetch)
        fleet.await_consuming()
        before = len(logins(fleet.calls()))
        fleet.control("POST", "/faults", {"kind": "delay", "delay_ms": 4000, "times": options.flight})
        load = Load(fleet.broker.url)
        for _ in range(options.flight):
            load.send()
        if kills_redis:
            fleet.redis.kill()
        revoked = threading.Timer(2.5, lambda: fleet.control("POST", "/tokens/revoke"))
        revoked.start()
        load.finish()
        revoked.join()
        calls = fleet.calls()
        count = len(logins(calls)) - before
        failures = load.problems(name) + fleet.leaks()
        if not 1 <= count <= most:
            failures.append(f"{name}: {count} logins instead of {most} at most")
        if not refused(calls):
            failures.append(f"{name}: no call met the revoked token, so nothing was proven")
        return [f"{name}: token revoked under {options.flight} requests in {options.relays} relays: {count} login(s), "
                f"{refused(calls)} calls made again, answers {dict(load.answers)}"], failures


def wrong_password(folder, options):
    with contextlib.ExitStack() as stack:
        fleet = Fleet(stack, folder, "password", options, auth_password=SECRETS[1])
        for relay in fleet.relays:
            relay.await_line("requests wait in the queue", 120)
        time.sleep(options.life)
        count = len(logins(fleet.calls()))
        advised = sum("advice=" in relay.log_file.read_text() for relay in fleet.relays)
        failures = fleet.leaks()
        if not 1 <= count <= 3:
            failures.append(f"wrong password: {count} logins")
        if advised < options.relays:
            failures.append(f"wrong password: only {advised} logs say what to do")
        return [f"wrong password in {options.relays} relays for {options.life} s: {count} login(s), advice in {advised} "
                "logs"], failures


def application(folder, options):
    with contextlib.ExitStack() as stack:
        fleet = Fleet(stack, folder, "application", options, ["--token-lifetime-seconds", str(options.life)],
                      auth_kind="app_secret", auth_app_id="sandbox-app", auth_app_secret="sandbox-app-secret",
                      backend_project_id=PROJECT, auth_renew_before_seconds=max(1, options.life // 12))
        fleet.await_consuming()
        load = Load(fleet.broker.url)
        load.run(options.life * options.lives, 20)
        load.finish()
        calls = fleet.calls()
        first = len(logins(calls))
        renewals = sum(1 for call in calls if call["api"] == "app-refresh")
        failures = load.problems("app_secret") + fleet.leaks()
        if first != 1 or renewals > options.lives * 1.2 + 1:
            failures.append(f"app_secret: {first} logins and {renewals} renewals")
        return [f"app_secret, {options.relays} relays, {options.lives} lives of {options.life} s: {first} login, "
                f"{renewals} renewals, {refused(calls)} calls under a token that a renewal had ended, "
                f"{load.sent} requests"], failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--relays", type=int, default=8)
    parser.add_argument("--life", type=int, default=60)
    parser.add_argument("--lives", type=int, default=20)
    parser.add_argument("--flight", type=int, default=2000)
    parser.add_argument("--store", choices=["file", "redis"], default="file")
    parser.add_argument("--only", choices=["lives", "revocation", "password", "application"])
    options = parser.parse_args()
    parts = {"lives": short_lives, "revocation": revocation, "password": wrong_password, "application": application}
    if options.store == "redis" and options.only in (None, "revocation"):
        parts["revocation without Redis"] = lambda *given: revocation(*given, kills_redis=True)
    lines, failures = [f"token store: {options.store}"], []
    with common.workspace() as folder:
        for name, part in parts.items():
            if options.only is None or name.startswith(options.only):
                common.log(name)
                more, wrong = part(folder, options)
                lines += more
                failures += wrong
        verdict = common.report(f"tokens-{options.store}", lines, failures)
        if verdict:
            raise SystemExit(verdict)


main()
