#!/usr/bin/env python3
"""Replays docker/Dockerfile without Docker: each stage becomes a Debian root made by debootstrap, each RUN a chroot.

    sudo docker/image_check.py [--program FILE] [--stage relay|console|sandbox] [--keep]

--program FILE  puts this program, and others of its folder, where the build stages would put theirs and skips them: a
                build takes long, and `make release` is the same command. Without it the Swift toolchain of this machine
                is bind-mounted and the build stages are replayed too.

At the end the image must hold what it promises: the program runs as uid 65532 on a root it cannot write to, finds all
its libraries, and its health check asks it. Prints a line for each instruction; exit code 1 at the first that fails.
"""
import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
USER = "65532"
BUILD_STAGES = {"build", "build-sandbox"}
# The stages that an image consists of.
IMAGES = {"relay": {"relay"}, "console": {"relay", "console"}, "sandbox": {"sandbox"}}


def run(*command, **more):
    return subprocess.run([str(part) for part in command], check=True, **more)


def instructions():
    """Instructions of the Dockerfile as (name, text), continued lines joined."""
    text = (REPOSITORY / "docker/Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name.upper(), " ".join(rest.split())


class Stage:
    def __init__(self, root, name):
        self.root, self.name = root, name
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        self.folder, self.user, self.commands = "/", None, {}

    def inherit(self, parent):
        self.environment = dict(parent.environment)
        self.folder, self.user, self.commands = parent.folder, parent.user, dict(parent.commands)

    def chroot(self, command, user=None, **more):
        arguments = ["chroot"] + ([f"--userspec={user}"] if user else []) + [self.root, *command]
        return run(*arguments, env=self.environment, **more)

    def replay(self, text):
        self.chroot(["/bin/sh", "-ec", f"cd {shlex.quote(self.folder)}\n{text}"])

    def copy(self, text, stages, program):
        words = text.split()
        source_stage = next((word.split("=")[1] for word in words if word.startswith("--from=")), None)
        source, target = [word for word in words if not word.startswith("--")]
        destination = self.root / target.lstrip("/")
        if target.endswith("/"):
            destination.mkdir(parents=True, exist_ok=True)
        else:
            destination.parent.mkdir(parents=True, exist_ok=True)
        if source_stage in BUILD_STAGES and program:
            shutil.copy(program.with_name(pathlib.Path(source).name), destination)
        elif source_stage:
            run("cp", "-a", stages[source_stage].root / source.lstrip("/"), destination)
        elif source == ".":
            names = ["Package.swift", "Sources", "Tests", "config", "docker"]
            run("cp", "-a", *[REPOSITORY / name for name in names], self.root / self.folder.lstrip("/"))
        else:
            run("cp", "-a", REPOSITORY / source, destination)


def base(folder):
    """A minimal Debian root, made once."""
    root = folder / "base"
    run("debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", root,
        stdout=subprocess.DEVNULL)
    for name in ["sources.list", "apt.conf.d"]:
        source = pathlib.Path("/etc/apt") / name
        if source.is_dir():
            shutil.copytree(source, root / "etc/apt" / name, dirs_exist_ok=True)
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    os.chmod(root / "usr/sbin/policy-rc.d", 0o755)
    return root


class Mounts:
    """Bind mounts that end with the check."""

    def __init__(self):
        self.targets = []

    def add(self, source, target, *options):
        target.mkdir(parents=True, exist_ok=True)
        run("mount", "--bind", *options, source, target)
        self.targets.append(target)

    def end(self):
        for target in reversed(self.targets):
            subprocess.run(["umount", "-l", str(target)], check=False)


def delete(folder):
    """Deletes the folder, but never through a bind mount that is still there: its files are this machine's."""
    if any(str(folder) in line for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()):
        sys.exit(f"something is still mounted below {folder}; unmount it and delete the folder by hand")
    run("rm", "-rf", "--one-file-system", folder)


def replay(options, folder, mounts):
    stages, stage, skipped = {}, None, False
    debian = base(folder)
    for name, text in instructions():
        if name == "FROM":
            image, _, alias = text.partition(" AS ")
            skipped = (alias in BUILD_STAGES and bool(options.program)) or (
                alias not in BUILD_STAGES | IMAGES[options.stage])
            if skipped:
                continue
            root = folder / alias
            run("cp", "-a", stages[image].root if image in stages else debian, root)
            stage = stages[alias] = Stage(root, alias)
            if image in stages:
                stage.inherit(stages[image])
            if alias in BUILD_STAGES:
                toolchain = pathlib.Path(shutil.which("swift")).resolve().parent.parent
                mounts.add(toolchain.parent, root / str(toolchain.parent).lstrip("/"))
                stage.environment["PATH"] = f"{toolchain}/bin:" + stage.environment["PATH"]
            continue
        if skipped:
            continue
        print(f"{stage.name}: {name} {text[:100]}", flush=True)
        if name == "RUN":
            stage.replay(text)
        elif name == "COPY":
            stage.copy(text, stages, options.program)
        elif name == "WORKDIR":
            stage.folder = text
            (stage.root / text.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif name == "ENV":
            stage.environment |= dict(pair.split("=", 1) for pair in shlex.split(text))
        elif name == "USER":
            stage.user = text
        elif name in {"ENTRYPOINT", "CMD", "HEALTHCHECK"}:
            stage.commands[name] = text
        elif name not in {"EXPOSE", "STOPSIGNAL"}:
            sys.exit(f"image_check.py does not know {name}")
    return stages[options.stage]


def expect(condition, what):
    print(f"{'ok  ' if condition else 'FAIL'} {what}", flush=True)
    if not condition:
        sys.exit(1)


def examine(stage, mounts):
    """Whether the image holds what it promises."""
    program = "/usr/bin/ocr-relay"
    expect(stage.user == f"{USER}:{USER}", f"runs as {stage.user}")
    # First itself, so that it can be made read-only below; that would hide what was mounted in it before.
    mounts.add(stage.root, stage.root)
    mounts.add("/proc", stage.root / "proc")
    libraries = stage.chroot(["/usr/bin/ldd", program], capture_output=True, text=True).stdout
    expect("not found" not in libraries, "finds all its libraries")
    # Of this file system alone: /proc is mounted below it.
    size = int(run("du", "-sxb", stage.root, capture_output=True, text=True).stdout.split()[0])
    expect(size < 250 << 20, f"holds {size >> 20} MiB")
    run("mount", "-o", "remount,bind,ro", stage.root)
    stage.environment |= {
        "OCR_RELAY_AMQP_URL": "amqp://127.0.0.1:1", "OCR_RELAY_AUTH_USERNAME": "u", "OCR_RELAY_AUTH_PASSWORD": "p",
        "OCR_RELAY_HTTP_LISTEN": "127.0.0.1:18473", "HOME": "/"}
    check = re.search(r"CMD (\[.*\])", stage.commands["HEALTHCHECK"]).group(1)
    health = [part.strip('" ') for part in check.strip("[]").split(",")]
    service = subprocess.Popen(
        ["chroot", f"--userspec={USER}:{USER}", str(stage.root), program, "serve"], env=stage.environment,
        stderr=subprocess.PIPE, text=True)
    try:
        line = next(line for line in service.stderr if "listening" in line)
        expect(line.startswith("{"), "serves on a root that it cannot write to, and logs JSON")
        expect(subprocess.run(["chroot", f"--userspec={USER}:{USER}", str(stage.root), *health],
                              env=stage.environment).returncode == 0, "its health check says yes")
        ready = subprocess.run(["chroot", f"--userspec={USER}:{USER}", str(stage.root), program, "health", "ready"],
                               env=stage.environment, capture_output=True)
        expect(ready.returncode == 6, "and says no for readiness without a broker")
    finally:
        service.terminate()
    expect(service.wait(30) == 0, "ends in order on SIGTERM")


def examine_console(stage, mounts):
    """Whether the image of the console serves its pages, started as its command starts it."""
    expect(stage.user == f"{USER}:{USER}", f"runs as {stage.user}")
    mounts.add(stage.root, stage.root)
    mounts.add("/proc", stage.root / "proc")
    libraries = stage.chroot(["/usr/bin/ldd", "/usr/bin/ocr-relay-console"], capture_output=True, text=True).stdout
    expect("not found" not in libraries, "finds all its libraries")
    size = int(run("du", "-sxb", stage.root, capture_output=True, text=True).stdout.split()[0])
    expect(size < 350 << 20, f"holds {size >> 20} MiB")
    run("mount", "-o", "remount,bind,ro", stage.root)
    # The one folder that a container has as its volume.
    state = pathlib.Path(tempfile.mkdtemp(dir=stage.root.parent))
    os.chown(state, int(USER), int(USER))
    mounts.add(state, stage.root / "var/lib/ocr-relay")
    stage.environment |= {
        "OCR_RELAY_AMQP_URL": "amqp://127.0.0.1:1", "OCR_RELAY_CONSOLE_OPERATE_TOKEN": "a-token-of-this-check-alone",
        "OCR_RELAY_CONSOLE_LISTEN": "127.0.0.1:18474", "OCR_RELAY_CONSOLE_STATE_FOLDER": "/var/lib/ocr-relay/console",
        "HOME": "/"}
    command = [part.strip('" ') for name in ["ENTRYPOINT", "CMD"] for part in stage.commands[name].strip("[]").split(",")]
    service = subprocess.Popen(
        ["chroot", f"--userspec={USER}:{USER}", str(stage.root), *command], env=stage.environment,
        stderr=subprocess.PIPE, text=True)
    try:
        next(line for line in service.stderr if "listening" in line)
        expect(True, f"serves on a root that it cannot write to, with {' '.join(command)}")
        with urllib.request.urlopen("http://127.0.0.1:18474/login") as answer:
            expect(answer.status == 200 and b"<form" in answer.read(), "shows its page to log in")
    finally:
        service.terminate()
    expect(service.wait(30) == 0, "ends in order on SIGTERM")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, help="a built ocr-relay")
    parser.add_argument("--stage", default="relay", choices=list(IMAGES))
    parser.add_argument("--keep", action="store_true", help="leave the folder and print it")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("image_check.py needs root, for debootstrap and chroot")
    if not shutil.which("debootstrap"):
        sys.exit("image_check.py needs debootstrap: apt-get install debootstrap")
    folder, mounts = pathlib.Path(tempfile.mkdtemp(prefix="ocr-relay-image-")), Mounts()
    try:
        stage = replay(options, folder, mounts)
        if options.stage == "relay":
            examine(stage, mounts)
        elif options.stage == "console":
            examine_console(stage, mounts)
    finally:
        mounts.end()
        if options.keep:
            print(folder)
        else:
            delete(folder)
    print("The image can be built.")


if __name__ == "__main__":
    main()
