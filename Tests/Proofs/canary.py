"""Every secret of a whole run stays where it belongs.

    environment.sh canary.py [--requests N] [--only NAME]

A relay runs with each kind of credential and each token store, right and wrong ones, at the most talkative log level,
and works on good and bad requests while tokens are revoked, secrets are replaced and the configuration is read again.
Passwords, keys and the tokens and signatures seen on the wire are then looked for, as text, in base64 and in
hexadecimal, in: logs, what the commands print, metrics and health answers, every message in every queue, Redis, sealed
files, process arguments, and the logs of broker, Redis and sandbox. That the search finds what is there is shown by
planting a secret in a log, a queue and Redis. The report is left in .reports/canary.txt.
"""

import argparse
import base64
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import secrets
import signal
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pika

import common
import pictures

PROJECT = "0c0ffee0d0c5ca9700d15ea5e0ddba11"
IMAGE = json.dumps({"image": base64.b64encode(pictures.white()).decode()}).encode()
PATHS = ["/metrics", "/livez", "/readyz", "/consumingz"]


def canary(name):
    return f"canary-{name.replace(' ', '-')}-{secrets.token_hex(12)}"


class Secrets:
    """What must not be seen, by name."""

    def __init__(self):
        self.known = {}

    def make(self, name, text=None):
        text = text or canary(name)
        self.add(name, text)
        return text

    def add(self, name, text):
        if text and len(text) >= 12:
            self.known[text] = name

    def found(self, place, content):
        """One line for each secret that can be seen in the bytes of a place."""
        for text, name in list(self.known.items()):
            raw = text.encode()
            forms = {"": raw, " in hexadecimal": raw.hex().encode()}
            # What stands in front of a text shifts its base64: the middle of each of the three ways.
            for shift in range(3):
                forms[f" in base64 {shift}"] = base64.b64encode(b"\0" * shift + raw)[4:-4]
            for form, bytes in forms.items():
                if bytes in content:
                    yield f"{place} shows {name}{form}"
        for key, name in self.known.items():
            if name == "seal key" and base64.b64decode(key) in content:
                yield f"{place} shows the bytes of the seal key"


class Recorder(http.server.ThreadingHTTPServer):
    """Stands between relay and sandbox and notes tokens and signatures."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, target, hidden):
        super().__init__(("127.0.0.1", 0), Passing)
        self.target, self.hidden = urllib.parse.urlsplit(target), hidden
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.note(self.headers)
        other = http.client.HTTPConnection(self.server.target.hostname, self.server.target.port, timeout=30)
        other.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            other.putheader(name, value)
        other.endheaders(body)
        answer = other.getresponse()
        text = answer.read()
        other.close()
        self.server.hidden.add("token", answer.headers["X-Subject-Token"])
        with contextlib.suppress(ValueError):
            for name in ("accessToken", "refreshToken"):
                self.server.hidden.add(name, json.loads(text).get(name))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST

    def note(self, headers):
        self.server.hidden.add("token", headers["X-Auth-Token"])
        authorization = headers["Authorization"] or ""
        self.server.hidden.add("signature", authorization.partition("Signature=")[2])
        if authorization.startswith("Bearer "):
            self.server.hidden.add("bearer token", authorization.removeprefix("Bearer "))

    def log_message(self, *_):
        pass


class Redis(common.Process):
    """A Redis with a password, which writes its content as it is."""

    def __init__(self, folder, password):
        self.port, self.password, self.folder = common.free_port(), password, pathlib.Path(folder)
        file = self.folder / "redis.conf"
        file.write_text(f'port {self.port}\nbind 127.0.0.1\nsave ""\nrequirepass {password}\ndir {folder}\n'
                        "rdbcompression no\nslowlog-log-slower-than 0\nslowlog-max-len 100000\n")
        super().__init__(["redis-server", file], self.folder / "redis.log")
        self.await_line("eady to accept connections")

    def ask(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, check=True,
                              env=os.environ | {"REDISCLI_AUTH": self.password}).stdout

    def content(self):
        """Everything that is kept, and what Redis remembers of its clients."""
        dump = self.folder / "dump.copy"
        self.ask("--rdb", dump)
        return dump.read_bytes() + self.ask("SLOWLOG", "GET", "100000") + self.ask("CLIENT", "LIST")


class Run:
    """One relay with one credential."""

    def __init__(self, stack, broker, folder, name, options):
        kind, store, way = name.split(" ")
        self.name, self.kind, self.isRight = name, kind, way == "right"
        self.folder = pathlib.Path(folder, name.replace(" ", "-"))
        self.folder.mkdir()
        self.hidden = Secrets()
        make = self.hidden.make
        self.broker_password = make("broker password")
        self.broker, self.host = broker, name.replace(" ", "-")
        self.url = self.make_host()
        right = {"password": make("password"), "secret_key": make("secret key"), "app_secret": make("app secret"),
                 "bearer_key": make("bearer key", "sk-" + canary("bearer")), "access_key": make("access key"),
                 "security_token": make("security token")}
        self.sandbox = self.start_sandbox(stack, right)
        self.recorder = Recorder(self.sandbox.url, self.hidden)
        stack.callback(self.recorder.shutdown)
        used = right if self.isRight else {
            name: text if name in ("access_key", "security_token") else make("wrong " + name, canary("wrong"))
            for name, text in right.items()}
        self.redis = None
        settings = self.credential(used) | self.store(store, stack)
        self.http = f"127.0.0.1:{common.free_port()}"
        self.file = self.folder / "relay.yaml"
        self.file.write_text("log:\n  level: debug\n")
        self.relay = common.Relay(
            self.folder, "relay", self.url, self.recorder.url, self.recorder.url, http_listen=self.http,
            config=self.file, log_level="debug", backend_project_id=PROJECT, **settings)
        stack.callback(self.relay.terminate)
        self.requests = options.requests

    def make_host(self):
        self.broker.control("add_vhost", self.host)
        self.broker.control("add_user", self.host, self.broker_password)
        for user in (self.host, "guest"):
            self.broker.control("set_permissions", "-p", self.host, user, ".*", ".*", ".*")
        self.guest_url = f"{self.broker.url}/{self.host}"
        return self.guest_url.replace("guest:guest@", f"{self.host}:{self.broker_password}@")

    def start_sandbox(self, stack, right):
        environment = {
            "SANDBOX_PASSWORD": right["password"], "SANDBOX_ACCESS_KEY": right["access_key"],
            "SANDBOX_SECRET_KEY": right["secret_key"], "SANDBOX_SECURITY_TOKEN": right["security_token"],
            "SANDBOX_APP_ID": "sandbox-app", "SANDBOX_APP_SECRET": right["app_secret"],
            "SANDBOX_BEARER_KEY": right["bearer_key"]}
        sandbox = common.Sandbox(self.folder, environment=environment)
        stack.callback(sandbox.terminate)
        return sandbox

    def credential(self, used):
        """The settings; the secrets stand in files, which can be replaced."""
        names = {"iam_password": ["password"], "ak_sk": ["access_key", "secret_key", "security_token"],
                 "app_secret": ["app_secret"], "bearer": ["bearer_key"]}[self.kind]
        self.files = {}
        settings = {"auth_kind": self.kind, "auth_app_id": "sandbox-app", "auth_password": None}
        for name in names:
            self.files[name] = self.folder / name
            self.files[name].write_text(used[name] + "\n")
            settings[f"auth_{name}_file"] = self.files[name]
        return settings

    def store(self, store, stack):
        self.state = self.folder / "state"
        self.isSealed = store != "file"
        settings = {"auth_store": "file", "auth_store_folder": self.state}
        if store in ("redis", "sealed"):
            settings["seal_key"] = self.hidden.make("seal key", base64.b64encode(os.urandom(32)).decode())
        if store == "redis":
            self.redis = Redis(self.folder, self.hidden.make("Redis password"))
            stack.callback(self.redis.terminate)
            settings |= {"auth_store": "redis", "results_kind": "redis", "rate_store": "redis",
                         "redis_url": f"redis://127.0.0.1:{self.redis.port}", "redis_password": self.redis.password}
        return settings

    # MARK: Work

    def work(self):
        # A key is only tried when there is a request.
        begins = self.isRight or self.kind in ("ak_sk", "bearer")
        self.relay.await_line("notice consuming" if begins else "requests wait in the queue", 120)
        connection = pika.BlockingConnection(pika.URLParameters(self.guest_url))
        channel = connection.channel()
        replies = channel.queue_declare("ocr.reply.canary", durable=True).method.queue
        channel.queue_bind(channel.queue_declare("everything").method.queue, "ocr.results", "#")
        for index in range(self.requests):
            kind = index % 5
            properties = pika.BasicProperties(
                type="general-text" if kind != 1 else "no-such-api", content_type="application/json",
                reply_to=replies if kind < 3 else "nowhere" if kind == 3 else None, message_id=uuid.uuid4().hex,
                delivery_mode=2)
            channel.basic_publish("", "ocr.requests", IMAGE if kind != 2 else b'{"image":"AAAA"}', properties)
            if index == self.requests // 2 and self.isRight:
                urllib.request.urlopen(urllib.request.Request(
                    self.sandbox.url + "/sandbox/tokens/revoke", method="POST")).close()
        if self.isRight:
            self.until(lambda: channel.queue_declare(replies, passive=True).method.message_count
                       >= self.requests * 3 // 5, "replies")
        else:
            self.relay.await_line("requests wait in the queue", 120)
        connection.close()
        self.disturb()

    def disturb(self):
        """Replaces a secret by a wrong one and reads the configuration again."""
        name, file = list(self.files.items())[-1]
        file.write_text(self.hidden.make("replaced " + name, canary("replaced")) + "\n")
        self.relay.child.send_signal(signal.SIGHUP)
        self.relay.await_line("the configuration was read again", 60)
        self.relay.await_line("a secret was replaced", 60)

    def until(self, condition, what, seconds=90):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name}: no {what}")
            time.sleep(0.1)

    # MARK: Places

    def places(self):
        """{place: bytes}"""
        places = {f"arguments of {self.name}": pathlib.Path(f"/proc/{self.relay.pid}/cmdline").read_bytes()}
        for path in PATHS:
            places[path] = self.ask(path)
        for words in (["check-config"], ["check-config", "--print-default"], ["doctor"], ["doctor", "auth"]):
            done = subprocess.run(
                [common.program("ocr-relay"), *words], env=self.relay.environment, capture_output=True, timeout=120)
            places["ocr-relay " + " ".join(words)] = done.stdout + done.stderr
        places |= self.messages()
        if self.redis:
            places["Redis"] = self.redis.content()
        if self.isSealed:
            places |= {f"sealed {file.name}": file.read_bytes() for file in self.state.glob("token-*")}
        places["the sandbox's ledger"] = urllib.request.urlopen(self.sandbox.url + "/sandbox/ledger").read()
        return places | self.logs()

    def logs(self):
        return {f"log {file.name}": file.read_bytes() for file in self.folder.glob("*.log")}

    def ask(self, path):
        try:
            return urllib.request.urlopen(f"http://{self.http}{path}").read()
        except urllib.error.HTTPError as refusal:
            return refusal.read()

    def messages(self):
        """The content of every queue: properties, headers and bodies."""
        connection = pika.BlockingConnection(pika.URLParameters(self.guest_url))
        channel = connection.channel()
        contents = {}
        for queue in self.broker.control("list_queues", "-p", self.host, "--no-table-headers", "name").split():
            text = b""
            while True:
                method, properties, body = channel.basic_get(queue)
                if method is None:
                    break
                text += repr(properties).encode() + body
            contents[f"queue {queue}"] = text
        connection.close()
        return contents

    def problems(self):
        places = self.places()
        self.count = len(places)
        self.messages_seen = sum(1 for name, text in places.items() if name.startswith("queue ") and text)
        failures = [line for place, content in places.items() for line in self.hidden.found(place, content)]
        for file in self.state.glob("*"):
            if stat.S_IMODE(file.stat().st_mode) != 0o600:
                failures.append(f"{file.name} can be read by others")
        return [f"{self.name}: {line}" for line in failures]

    def planted(self):
        """The places where a planted secret is not found."""
        secret = next(iter(self.hidden.known))
        with open(self.relay.log_file, "a") as log:
            log.write(f"planted {secret}\n")
        connection = pika.BlockingConnection(pika.URLParameters(self.guest_url))
        connection.channel().basic_publish("", "ocr.dead.poison", b"", pika.BasicProperties(
            headers={"planted": base64.b64encode(secret.encode()).decode()}))
        connection.close()
        places = ["log relay.log", "queue ocr.dead.poison"]
        if self.redis:
            self.redis.ask("SET", "planted", secret.encode().hex())
            places.append("Redis")
        content = self.messages() | self.logs() | ({"Redis": self.redis.content()} if self.redis else {})
        return [place for place in places if not list(self.hidden.found(place, content[place]))]


NAMES = [
    "iam_password file right", "iam_password sealed right", "iam_password redis right", "ak_sk file right",
    "app_secret sealed right", "app_secret redis right", "bearer file right", "iam_password redis wrong",
    "ak_sk redis wrong", "app_secret file wrong", "bearer file wrong"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--only", choices=NAMES)
    options = parser.parse_args()
    lines, failures, hidden = [], [], []
    with common.workspace() as folder:
        broker = common.Broker(folder)
        try:
            for name in NAMES if options.only is None else [options.only]:
                common.log(name)
                with contextlib.ExitStack() as stack:
                    run = Run(stack, broker, folder, name, options)
                    hidden.append(run.hidden)
                    run.work()
                    wrong = run.problems()
                    missed = run.planted()
                    run.relay.terminate()
                    failures += wrong + [f"{name}: a planted secret was not found in {place}" for place in missed]
                    lines.append(
                        f"{name:<28}{len(run.hidden.known):>4} secrets, {run.count} places, {run.messages_seen} queues "
                        f"with messages: {len(wrong)} found; planted ones found: {'no' if missed else 'all'}")
        finally:
            broker.remove()
        log = b"".join(file.read_bytes() for file in pathlib.Path(folder).glob("broker-*.log"))
        found = [line for known in hidden for line in known.found("the broker's log", log)]
        lines.append(f"the broker's log, {len(log)} bytes: {len(found)} found")
        failures += found
        verdict = common.report("canary", lines, failures)
        if verdict:
            raise SystemExit(verdict)


main()
