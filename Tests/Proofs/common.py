"""What the proofs share: a private broker, the stub of the OCR service, relays as child processes, and reports."""

import atexit
import base64
import collections
import contextlib
import datetime
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import aio_pika
import pika

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BROKER = ROOT / "docker/dev/broker.sh"
REPORTS = pathlib.Path(os.environ.get("PROOFS_REPORTS", ROOT / ".reports"))
TICKS = os.sysconf("SC_CLK_TCK")


def log(text):
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def free_port():
    """A loopback port below the range of outgoing connections, so that a server can come back on it."""
    while True:
        port = 20000 + int.from_bytes(os.urandom(2), "big") % 12000
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


class Broker:
    """A RabbitMQ node of its own, deleted at the end; its log stays in `logs`, if given."""

    def __init__(self, logs=None):
        self.logs = logs
        self.folder = tempfile.mkdtemp(prefix="ocr-relay-proof-broker-")
        os.rmdir(self.folder)
        self.url = self._run("start", "--owner", str(os.getpid()))

    def _run(self, action, *arguments):
        done = subprocess.run([BROKER, action, self.folder, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"broker.sh {action}: {done.stderr}")
        return done.stdout.strip()

    def stop(self):
        self._run("stop")

    def start(self):
        self._run("start")

    def kill(self):
        self._run("kill")

    def control(self, *arguments):
        """rabbitmqctl for this node, and what it prints."""
        return self._run("ctl", "-q", *arguments)

    def remove(self):
        if self.logs:
            for file in pathlib.Path(self.folder, "log").glob("*.log"):
                shutil.copy(file, pathlib.Path(self.logs, "broker-" + file.name))
        self._run("remove")

    def pid(self):
        return int(self._run("status").split()[1])

    def queues(self):
        """The names of all queues."""
        return self._run("ctl", "-q", "list_queues", "--no-table-headers", "name").split()

    def depths(self, names=None):
        """{queue: messages}, without those that were delivered and are not acknowledged: exact at once, while the
        broker's statistics of quorum queues are some seconds old."""
        names = names or self.queues()
        connection = pika.BlockingConnection(pika.URLParameters(self.url))
        channel = connection.channel()
        depths = {name: channel.queue_declare(name, passive=True).method.message_count for name in names}
        connection.close()
        return depths


async def publish(channel, name, body, reply_to):
    """Publishes a request over a channel of aio_pika; returns when the broker has it safely."""
    message = aio_pika.Message(
        body, type="general-text", content_type="application/json", message_id=name, correlation_id=name,
        reply_to=reply_to, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, routing_key="ocr.requests", mandatory=True)


class Process:
    """A child that ends with this process; its output goes to a file."""

    def __init__(self, command, log_file, environment=None):
        self.log_file = pathlib.Path(log_file)
        with open(log_file, "ab") as output:
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)], env=environment, stdout=output,
                stderr=output, stdin=subprocess.DEVNULL)
        self.pid = self.child.pid

    def await_line(self, text, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if text in self.log_file.read_text(errors="replace"):
                return
            if self.child.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"no line with {text!r}:\n{self.log_file.read_text(errors='replace')[-3000:]}")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_memory_mib(self):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) / 1024

    def kill(self):
        self.child.kill()
        self.child.wait()

    def await_end(self, seconds):
        """Its exit code, or None when it still runs after that time."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self, seconds=40):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.child.returncode


class Stub(Process):
    """The stand-in for the OCR service. `answers` are lists of answers by name: dictionaries as stub.conf.in has them."""

    def __init__(self, folder, answers={}):
        self.folder = pathlib.Path(folder)
        answers = {"ok": [{"action": "ok"}]} | answers
        (self.folder / "answers.lua").write_text("return " + lua(answers))
        self.port = free_port()
        text = (HERE / "stub.conf.in").read_text()
        text = text.replace("@FOLDER@", str(folder)).replace("@PORT@", str(self.port))
        configuration = self.folder / "stub.conf"
        configuration.write_text(text)
        super().__init__(
            ["/usr/sbin/nginx", "-p", folder, "-c", configuration, "-e", "stderr"], self.folder / "stub.log")
        self.await_line('using the "epoll" event method')
        self.url = f"http://127.0.0.1:{self.port}"

    def calls(self):
        with urllib.request.urlopen(self.url + "/calls") as answer:
            return int(answer.read())

    def set_mode(self, mode):
        """From now on every scripted call ends as the answers of that name say; `ok` ends that."""
        urllib.request.urlopen(self.url + "/mode/" + mode).close()

    def ledger(self):
        """{marker: [(begin, end, name of what it was given) of each call]}"""
        calls = collections.defaultdict(list)
        for line in (self.folder / "calls.log").read_text().splitlines():
            end, duration, rest = line.split(" ", 2)
            marker, _, given = rest.rsplit(" ", 2)
            calls[marker].append((float(end) - float(duration), float(end), given))
        return calls


def lua(value):
    """A value as a Lua expression."""
    if isinstance(value, dict):
        return "{" + ",".join(f"[{lua(key)}]={lua(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(map(lua, value)) + "}"
    if isinstance(value, (int, float)):
        return str(value)
    return '"' + "".join(f"\\{byte:03d}" for byte in value.encode()) + '"'


class Redis(Process):
    """A Redis server of its own, without persistence."""

    def __init__(self, folder):
        port = free_port()
        super().__init__(
            ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"],
            pathlib.Path(folder) / "redis.log")
        self.await_line("eady to accept connections")
        self.url = f"redis://127.0.0.1:{port}"

    def settings(self):
        """What makes a relay keep its results there, however slow the machine is."""
        seal = base64.b64encode(os.urandom(32)).decode()
        return {"results_kind": "redis", "redis_url": self.url, "redis_budget_ms": 1_000, "seal_key": seal}


class Sandbox(Process):
    """`ocr-sandbox`, answering without reading the pictures."""

    def __init__(self, folder, *arguments, environment={}):
        log_file = pathlib.Path(folder) / "sandbox.log"
        environment = os.environ | {
            "SANDBOX_USERNAME": "demo", "SANDBOX_PASSWORD": "demo-password", "SANDBOX_DOMAIN_NAME": "demo"} | environment
        super().__init__(
            [program("ocr-sandbox"), "--listen", "127.0.0.1:0", "--instant", *arguments], log_file, environment)
        self.await_line("listening on http")
        self.url = log_file.read_text().split()[-1]


class Relay(Process):
    """One `ocr-relay serve`; a setting that is None is left out."""

    def __init__(self, folder, name, amqp_url, ocr_url, auth_url, config="/dev/null", **settings):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OCR_RELAY_")}
        environment |= {
            "OCR_RELAY_AMQP_URL": amqp_url, "OCR_RELAY_BACKEND_ENDPOINT": ocr_url, "OCR_RELAY_AUTH_ENDPOINT": auth_url,
            "OCR_RELAY_AUTH_USERNAME": "demo", "OCR_RELAY_AUTH_PASSWORD": "demo-password",
            "OCR_RELAY_AUTH_DOMAIN_NAME": "demo", "OCR_RELAY_AUTH_STORE": "memory",
            "OCR_RELAY_RATE_START_CALLS_PER_SECOND": "1000000",
        } | {"OCR_RELAY_" + key.upper(): None if value is None else str(value) for key, value in settings.items()}
        environment = {name: value for name, value in environment.items() if value is not None}
        self.environment = environment
        self.again = lambda: Relay(folder, name, amqp_url, ocr_url, auth_url, config, **settings)
        super().__init__(
            [program("ocr-relay"), "serve", "--config", config], pathlib.Path(folder) / f"{name}.log", environment)


def program(name):
    """A program under test: in PROOFS_PROGRAMS, or in the release build of this checkout."""
    return pathlib.Path(os.environ.get("PROOFS_PROGRAMS", ROOT / ".build/release")) / name


failed = False


@contextlib.contextmanager
def workspace():
    """A folder for logs; it is kept when the proof fails."""
    folder = tempfile.mkdtemp(prefix="ocr-relay-proof-")
    atexit.register(clean_up, folder)
    try:
        yield folder
    except BaseException as error:
        note_failure(not isinstance(error, SystemExit) or error.code)
        raise


def note_failure(is_failure):
    global failed
    failed = failed or bool(is_failure)


def clean_up(folder):
    if failed:
        log(f"logs are kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


def machine():
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores, {model[1] if model else 'unknown processor'}"


def report(name, lines, failures):
    """Prints the report, keeps a copy, and ends the program with the verdict."""
    verdict = [f"FAILED: {failure}" for failure in failures] or ["All promises kept."]
    stamp = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M:%S} UTC, {machine()}"
    text = "\n".join([f"# {name}", stamp, "", *lines, "", *verdict]) + "\n"
    print(text, end="", flush=True)
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"{name}.txt").write_text(text)
    note_failure(failures)
    return 1 if failures else 0
