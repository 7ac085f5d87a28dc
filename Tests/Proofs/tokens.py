"""Many relays, one credential: logins, renewals, revocations and refusals of a whole fleet, against ocr-sandbox.

    environment.sh tokens.py [--relays N] [--life SECONDS] [--lives N] [--minutes N] [--flight N] [--store file|redis]

1. Tokens that live for some seconds, at load: at most 1.2 logins for each life, no failed request, no refused token.
2. app_secret, where each login ends the token before: no login but the first, renewals one at a time, and no call of a
   relay under the old token once that relay knows of the new one.
3. A wrong password in every relay for some minutes: three logins at most, and the log says what to do.
4. The same with a Redis that comes up some seconds after the relays (with --store redis).
5. A wrong access key in every relay, with requests waiting: three calls at most within 16 minutes.
6. A token revoked while many requests are under way: one login, no failed request.
7. A token revoked when Redis has just been killed (with --store redis): a login for each relay at most.
8. Every secret of the run is absent from logs, metrics, process arguments and Redis.

1 to 5 run side by side.

The tables are left in .reports/tokens-file.txt and tokens-redis.txt.
"""

import argparse
import base64
import collections
import concurrent.futures
import contextlib
import datetime
import json
import os
import pathlib
import re
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

    def __init__(self, folder, port=None):
        self.port = port or common.free_port()
        file = pathlib.Path(folder, "redis.conf")
        file.write_text(f'port {self.port}\nbind 127.0.0.1\nsave ""\nrequirepass {REDIS_PASSWORD}\ndir {folder}\n')
        super().__init__(["redis-server", file], pathlib.Path(folder, "redis.log"))
        self.await_line("Ready to accept connections")

    @staticmethod
    def settings(port):
        return {"auth_store": "redis", "redis_url": f"redis://127.0.0.1:{port}",
                "redis_password": REDIS_PASSWORD, "seal_key": SEAL_KEY}

    def content(self):
        """All keys and values as text; what is no text is shown as escapes."""
        def ask(*words):
            done = subprocess.run(
                ["redis-cli", "-p", str(self.port), *words], capture_output=True,
                env=os.environ | {"REDISCLI_AUTH": REDIS_PASSWORD})
            return done.stdout.decode(errors="backslashreplace")

        return "".join(name + ask("GET", name) for name in ask("KEYS", "*").splitlines())


@contextlib.contextmanager
def ended(process):
    yield process
    process.terminate()


class Broker(common.Broker):
    """One broker for all fleets."""

    def make_host(self, name):
        user = re.match(r"amqp://([^:]+):", self.url)[1]
        self.control("add_vhost", name)
        self.control("set_permissions", "-p", name, user, ".*", ".*", ".*")
        return self.url.rstrip("/") + "/" + name


class Fleet:
    """Relays with one token store, a virtual host and a sandbox of their own; each relay knows the sandbox by another
    name, so that the sandbox's ledger tells their calls apart."""

    def __init__(self, stack, broker, folder, name, options, sandbox_arguments=(), late_redis=False, tells_apart=True,
                 **settings):
        self.folder = pathlib.Path(folder, name)
        self.folder.mkdir()
        self.url = broker.make_host(name)
        self.sandbox = common.Sandbox(self.folder, "--listen", "0.0.0.0:0", *sandbox_arguments)
        stack.callback(self.sandbox.terminate)
        self.sandbox_port = self.sandbox.url.rsplit(":", 1)[1]
        self.ports = [common.free_port() for _ in range(options.relays)]
        self.redis = None
        store = {"auth_store": "file", "auth_store_folder": self.folder / "state"}
        if options.store == "redis":
            port = common.free_port()
            self.start_redis = lambda: stack.enter_context(ended(Redis(self.folder, port)))
            self.redis = None if late_redis else self.start_redis()
            store = Redis.settings(port)
        settings = store | settings
        # The address for logins is part of what makes a token the same, and that for calls of an access key.
        login = f"http://127.0.0.1:{self.sandbox_port}"
        hosts = [f"http://127.0.0.{index + 2}:{self.sandbox_port}" if tells_apart else login
                 for index in range(options.relays)]
        self.relays = [
            common.Relay(
                self.folder, f"relay-{index}", self.url, host, login, http_listen=f"127.0.0.1:{port}", **settings)
            for index, (host, port) in enumerate(zip(hosts, self.ports))]
        for relay in self.relays:
            stack.callback(relay.terminate)

    def await_consuming(self):
        for relay in self.relays:
            relay.await_line("notice consuming", 300)

    def control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.sandbox_port}/sandbox{path}", data, method=method)
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


def short_lives(broker, folder, options):
    with contextlib.ExitStack() as stack:
        fleet = Fleet(stack, broker, folder, "lives", options, ["--token-lifetime-seconds", str(options.life)],
                      auth_renew_before_seconds=max(1, options.life // 12))
        fleet.await_consuming()
        load = Load(fleet.url)
        load.run(options.life * options.lives, options.rate)
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


def revocation(broker, folder, options, kills_redis=False):
    name = "revocation without Redis" if kills_redis else "revocation"
    most = options.relays if kills_redis else 1
    with contextlib.ExitStack() as stack:
        prefetch = max(1, options.flight // options.relays)
        fleet = Fleet(stack, broker, folder, name.replace(" ", "-"), options, amqp_prefetch=prefetch,
                      backend_max_connections=prefetch)
        fleet.await_consuming()
        before = len(logins(fleet.calls()))
        fleet.control("POST", "/faults", {"kind": "delay", "delay_ms": 4000, "times": options.flight})
        load = Load(fleet.url)
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


def wrong_password(broker, folder, options, late_redis=False):
    name = "wrong password, Redis late" if late_redis else "wrong password"
    with contextlib.ExitStack() as stack:
        fleet = Fleet(stack, broker, folder, name.replace(" ", "-").replace(",", ""), options, late_redis=late_redis,
                      auth_password=SECRETS[1])
        if late_redis:
            time.sleep(4)
            fleet.redis = fleet.start_redis()
        begin = time.monotonic()
        for relay in fleet.relays:
            relay.await_line("requests wait in the queue", 300)
        minutes = min(options.minutes, 1) if late_redis else options.minutes
        time.sleep(max(0, begin + 60 * minutes - time.monotonic()))
        tried = logins(fleet.calls())
        advised = sum("advice=" in relay.log_file.read_text() for relay in fleet.relays)
        failures = fleet.leaks()
        if not 1 <= len(tried) <= 3:
            failures.append(f"{name}: {len(tried)} logins")
        if advised < options.relays:
            failures.append(f"{name}: only {advised} logs say what to do")
        return [f"{name}: {options.relays} relays for {minutes:g} minutes: {len(tried)} login(s) tried, advice in "
                f"{advised} logs"], failures


def wrong_key(broker, folder, options):
    with contextlib.ExitStack() as stack:
        fleet = Fleet(stack, broker, folder, "wrong-key", options, tells_apart=False, auth_kind="ak_sk",
                      backend_project_id=PROJECT, auth_access_key="SANDBOXACCESSKEY0001", auth_secret_key=SECRETS[1])
        fleet.await_consuming()
        load = Load(fleet.url)
        for _ in range(200):
            load.send()
        for relay in fleet.relays:
            relay.await_line("requests wait in the queue", 300)
        load.run(60 * options.minutes, 0)
        tried = sorted(seconds(call["time"]) for call in fleet.calls())
        most = max((sum(1 for other in tried if begin <= other < begin + 960) for begin in tried), default=0)
        advised = sum("advice=" in relay.log_file.read_text() for relay in fleet.relays)
        failures = fleet.leaks()
        if not 1 <= most <= 3:
            failures.append(f"wrong access key: {most} calls within 16 minutes")
        if load.answers:
            failures.append(f"wrong access key: answers {dict(load.answers)}")
        if advised < options.relays:
            failures.append(f"wrong access key: only {advised} logs say what to do")
        load.connection.close()
        return [f"wrong access key: {options.relays} relays for {options.minutes:g} minutes, 200 requests waiting: "
                f"{len(tried)} call(s) tried, {most} at most within 16 minutes, advice in {advised} logs"], failures


def application(broker, folder, options):
    with contextlib.ExitStack() as stack:
        fleet = Fleet(stack, broker, folder, "application", options, ["--token-lifetime-seconds", str(options.life)],
                      auth_kind="app_secret", auth_app_id="sandbox-app", auth_app_secret="sandbox-app-secret",
                      backend_project_id=PROJECT, auth_renew_before_seconds=max(1, options.life // 12))
        fleet.await_consuming()
        load = Load(fleet.url)
        load.run(options.life * options.lives, options.rate)
        load.finish()
        calls = fleet.calls()
        first = len(logins(calls))
        renewals = sum(1 for call in calls if call["api"] == "app-refresh")
        overlaps, lags = overlapping(calls), void_calls(fleet, calls)
        late = sum(1 for lag in lags if lag > TRANSPORT_SECONDS)
        failures = load.problems("app_secret") + fleet.leaks()
        if first != 1 or renewals > options.lives * 1.2 + 1:
            failures.append(f"app_secret: {first} logins and {renewals} renewals")
        if overlaps:
            failures.append(f"app_secret: {overlaps} overlapping logins")
        if late:
            failures.append(f"app_secret: {late} calls under a void token by a relay that knew of the new one")
        return [f"app_secret, {options.relays} relays, {options.lives} lives of {options.life} s: {first} login, "
                f"{renewals} renewals, {overlaps} of them overlapping; {load.sent} requests, {refused(calls)} calls made "
                f"again because a renewal had ended their token, {late} of them begun after their relay knew"], failures


# How long a call may take to reach the sandbox.
TRANSPORT_SECONDS = 0.5


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def issues(calls):
    """Begin, end and token of logins and renewals, in order."""
    found = [call for call in calls if call["api"] in ("app-login", "app-refresh")]
    return sorted((seconds(call["time"]), seconds(call["time"]) + call["duration_ms"] / 1000, call["token"])
                  for call in found)


def overlapping(calls):
    found = issues(calls)
    return sum(1 for before, after in zip(found, found[1:]) if after[0] < before[1])


def void_calls(fleet, calls):
    """Of each call under a token that had ended: how long its relay had known of the next one; below zero when it did
    not yet."""
    order = {token: index for index, (_, _, token) in enumerate(issues(calls))}
    ends = [end for _, end, _ in issues(calls)]
    lags = []
    for index, relay in enumerate(fleet.relays):
        lines = relay.log_file.read_text().splitlines()
        known = [seconds(line.split()[0]) for line in lines if "audit=obtain" in line or "audit=share" in line]
        host = f"127.0.0.{index + 2}:{fleet.sandbox_port}"
        for call in calls:
            number = order.get(call["token"])
            if call["host"] != host or call["token"] is None or call["api"].startswith("app-") or number is None:
                continue
            begin = seconds(call["time"])
            if number + 1 < len(ends) and ends[number + 1] < begin:
                since = min((moment for moment in known if moment >= ends[number + 1] - 0.002), default=float("inf"))
                lags.append(begin - since)
    return lags


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--relays", type=int, default=8)
    parser.add_argument("--life", type=int, default=60)
    parser.add_argument("--lives", type=int, default=20)
    parser.add_argument("--rate", type=int, default=30, help="requests per second of each fleet under load")
    parser.add_argument("--minutes", type=float, default=30, help="how long the wrong password stays")
    parser.add_argument("--flight", type=int, default=2000)
    parser.add_argument("--store", choices=["file", "redis"], default="file")
    parser.add_argument("--only", choices=["lives", "application", "password", "key", "late", "revocation"])
    options = parser.parse_args()
    together = {"lives": short_lives, "application": application, "password": wrong_password, "key": wrong_key}
    alone = {"revocation": revocation}
    if options.store == "redis":
        together["late"] = lambda *given: wrong_password(*given, late_redis=True)
        alone["revocation without Redis"] = lambda *given: revocation(*given, kills_redis=True)
    chosen = lambda parts: [part for name, part in parts.items() if name.startswith(options.only or "")]
    with common.workspace() as folder:
        broker = Broker(folder)
        try:
            with concurrent.futures.ThreadPoolExecutor(max_workers=len(together)) as pool:
                ends = list(pool.map(lambda part: part(broker, folder, options), chosen(together)))
            ends += [part(broker, folder, options) for part in chosen(alone)]
        finally:
            broker.remove()
        lines = [f"token store: {options.store}"] + [line for more, _ in ends for line in more]
        failures = [failure for _, wrong in ends for failure in wrong]
        verdict = common.report(f"tokens-{options.store}", lines, failures)
        if verdict:
            raise SystemExit(verdict)


main()
