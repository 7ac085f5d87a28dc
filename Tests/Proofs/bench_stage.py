"""What the measurements share: a broker, the stand-in for the OCR service, and runs of a relay or of the C worker.

A run fills the queue, starts the service, and measures from the reply that ends the warm-up to the last one. Programs in
C come from Sources/Benchmarks/programs, into BENCH_PROGRAMS (.build/benchmarks/programs unless set).
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import subprocess
import time

import common

PROGRAMS = pathlib.Path(os.environ.get("BENCH_PROGRAMS", common.ROOT / ".build/benchmarks/programs"))
REPLIES = "ocr.reply.bench"
QUEUES = {"quorum": "ocr.requests", "classic": "bench.classic"}


def build():
    subprocess.run([common.ROOT / "Sources/Benchmarks/programs/build.sh", PROGRAMS], check=True)


def cpu_nanoseconds(pid):
    """User and system time of a process, all threads: what /proc/PID/stat has, without its ticks of 10 ms."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def memory_mib(pid, file, field):
    text = pathlib.Path(f"/proc/{pid}/{file}").read_text()
    return int(re.search(rf"^{field}:\s+(\d+)", text, re.MULTILINE)[1]) / 1024


def shared_memory_mib(pid):
    return memory_mib(pid, "smaps_rollup", "Pss")


@dataclasses.dataclass(frozen=True)
class Work:
    """What one run has to do. `size_bytes` is the size of the JSON that the OCR service gets."""

    size_bytes: int
    count: int
    warm: int
    content: str = "json"
    delay_ms: int = 0
    queue: str = "classic"


@dataclasses.dataclass
class Figures:
    """What one run took; memory in MiB, CPU in microseconds for each message. `peak_mib` is the highest resident size,
    `shared_mib` the size at the end, with pages of several processes counted in parts."""

    cpu_us: float
    broker_us: float
    stub_us: float
    per_second: float
    peak_mib: float
    shared_mib: float
    first_reply_ms: float


class Failure(Exception):
    """A run that did not do its work."""


class Stub(common.Process):
    def __init__(self, folder, delay_ms):
        log = pathlib.Path(folder) / f"stub-{delay_ms}.log"
        super().__init__([PROGRAMS / "ocr-stub", "--delay-ms", delay_ms], log)
        self.await_line("listening on")
        self.url = log.read_text().split()[-1]


class Worker(common.Process):
    """The C worker."""

    def __init__(self, folder, amqp_url, queue, stub, prefetch, budget_mib, environment):
        super().__init__(
            [PROGRAMS / "floor-worker", "--amqp-url", amqp_url, "--queue", queue, "--ocr-url",
             stub.url + "/v2/project/ocr/general-text", "--prefetch", prefetch, "--in-work-mib", budget_mib],
            pathlib.Path(folder) / "worker.log", environment)


class Stage:
    """A broker and a stand-in for each delay that is asked for; `folder` keeps logs and the relay's state."""

    def __init__(self, folder, prefetch=50, budget_mib=64):
        self.folder, self.prefetch, self.budget_mib = pathlib.Path(folder), prefetch, budget_mib
        self.broker, self.stubs, self.runs = common.Broker(folder), {}, 0
        self.state = self.folder / "state"
        self.state.mkdir()

    def close(self):
        for stub in self.stubs.values():
            stub.terminate()
        self.broker.remove()

    def stub(self, delay_ms):
        if delay_ms not in self.stubs:
            self.stubs[delay_ms] = Stub(self.folder, delay_ms)
        return self.stubs[delay_ms]

    def load(self, command, **options):
        """Runs bench-load to its end and returns what it printed."""
        done = subprocess.run(self._load(command, options), capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"bench-load {command}: {done.stderr.strip()}")
        return done.stdout

    def _load(self, command, options):
        arguments = [PROGRAMS / "bench-load", command, "--url", self.broker.url, "--replies", REPLIES]
        for name, value in options.items():
            arguments += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
        return arguments

    def prepare(self):
        """Declares the queues; a relay itself declares that of quorum queues, with all that belongs to it."""
        self.load("declare", queue=REPLIES)
        self.load("declare", queue=QUEUES["classic"])
        relay = self.start("relay", Work(1024, 1, 0, queue="quorum"))
        relay.await_line("notice consuming")
        relay.terminate()

    def start(self, name, work, environment={}, **settings):
        """A relay as a user has it, with everything switched on, or the C worker."""
        stub, queue = self.stub(work.delay_ms), QUEUES[work.queue]
        if name == "worker":
            return Worker(
                self.folder, self.broker.url, queue, stub, self.prefetch, self.budget_mib, os.environ | environment)
        settings = {
            "amqp_queue": queue, "amqp_topology": "apply" if work.queue == "quorum" else "off",
            "amqp_prefetch": self.prefetch, "limits_bytes_in_work": self.budget_mib << 20, "auth_store": "file",
            "auth_store_folder": self.state, "results_kind": "memory", "http_listen": f"127.0.0.1:{common.free_port()}",
        } | settings
        with environment_of(environment):
            return common.Relay(self.folder, "relay", self.broker.url, stub.url, stub.url, **settings)

    def fill(self, work, count):
        """Fills the queue; returns the name of the run, which the replies bear."""
        self.runs += 1
        run = f"run{self.runs}"
        self.load(
            "fill", queue=QUEUES[work.queue], run=run, count=count, size_bytes=work.size_bytes, content=work.content)
        return run

    @contextlib.contextmanager
    def collecting(self, run, count, warm, timeout_seconds=300):
        options = dict(run=run, count=count, warm=warm, timeout_seconds=timeout_seconds)
        child = subprocess.Popen(self._load("collect", options), stdout=subprocess.PIPE, text=True)
        try:
            yield child
        finally:
            child.kill()
            child.wait()
            child.stdout.close()

    def run(self, name, work, at_mark=lambda mark, service: None, environment={}, copies=1, **settings):
        """One run of so many processes; `at_mark` is called when the warm-up and the work end."""
        total = work.warm + work.count
        run = self.fill(work, total)
        services = []
        with self.collecting(run, total, work.warm) as collector:
            collector.stdout.readline()
            started = time.monotonic_ns()
            try:
                services += [self.start(name, work, environment, **settings) for _ in range(copies)]
                times, cpu = {}, {}
                for line in collector.stdout:
                    mark, *rest = line.split()
                    if mark.startswith("received="):
                        self._check_outcome(name, work, line.strip(), total)
                        break
                    times[mark] = int(rest[0])
                    if mark in ("warm", "last"):
                        cpu[mark] = self._cpu(services, work)
                        at_mark(mark, services[0])
                    if mark == "last":
                        peak = sum(service.peak_memory_mib() for service in services)
                        shared = sum(shared_memory_mib(service.pid) for service in services)
            finally:
                codes = [service.terminate() for service in services]
        self._check_end(name, work, codes)
        spent = [(last - warm) / work.count / 1e3 for warm, last in zip(cpu["warm"], cpu["last"])]
        return Figures(
            *spent, per_second=work.count / (times["last"] - times["warm"]) * 1e9, peak_mib=peak,
            shared_mib=shared, first_reply_ms=(times["first"] - started) / 1e6)

    def await_reply(self, work):
        """Has one request answered by whoever runs."""
        run = self.fill(work, 1)
        with self.collecting(run, 1, 1) as collector:
            outcome = collector.stdout.read().splitlines()[-1]
        self._check_outcome("first request", work, outcome, 1)

    def _cpu(self, services, work):
        service = sum(cpu_nanoseconds(service.pid) for service in services)
        return service, cpu_nanoseconds(self.broker.pid()), cpu_nanoseconds(self.stub(work.delay_ms).pid)

    @staticmethod
    def _check_outcome(name, work, outcome, total):
        if outcome != f"received={total} repeated=0 wrong=0 foreign=0":
            raise Failure(f"{name}, {work}: {outcome} of {total}")

    def _check_end(self, name, work, codes):
        if any(codes):
            raise Failure(f"{name}, {work}: it ended with {codes}")
        for queue in (QUEUES[work.queue], REPLIES):
            depth = int(self.load("depth", queue=queue))
            if depth != 0:
                raise Failure(f"{name}, {work}: {depth} messages are left in {queue}")


@contextlib.contextmanager
def environment_of(variables):
    """Adds to the environment for the time of a block."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
