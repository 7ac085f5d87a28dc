"""The console in a real browser: every page, every action, in two sizes and two colour schemes; 200 attacks on it.

    environment.sh console.py [--pictures FOLDER]

Screenshots are left in .reports/console, the findings in .reports/console.txt. Needs Chromium.
"""

import argparse
import base64
import json
import pathlib
import re
import sys
import time
import urllib.request
import uuid

import pika
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

import common
import console_attacks
from console_stage import OPERATE, READ, Console, chromium, document

REPLIES = "ocr.reply.console"
FAULT = {"kind": "status", "status": 400, "code": "AIS.0101", "message": "The parameter quick_mode is not allowed.",
         "api": "quota-invoice"}
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


class Letters:
    """Requests that fail, published like any others."""

    def __init__(self, url, browser):
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.channel.queue_declare(REPLIES, durable=True, arguments={"x-queue-type": "quorum"})
        rows = [("发票代码", "144031909110"), ("发票号码", "09120562"), ("金额", "¥ 200.00"), ("购买方", "示例有限公司")]
        self.invoice = document(browser, "深圳增值税电子普通发票", rows)
        self.receipt = document(browser, "Receipt", [("Coffee", "3.20"), ("Cake", "4.10"), ("Total", "7.30")], "jpeg")
        self.small = document(browser, "", [], size=(6, 6))

    def publish(self, api, body, content_type="application/json", **properties):
        name = properties.pop("message_id", None) or uuid.uuid4().hex
        self.channel.basic_publish(
            "", "ocr.requests", body, pika.BasicProperties(
                type=api, content_type=content_type, message_id=name, correlation_id=name, reply_to=REPLIES,
                delivery_mode=2, **properties), mandatory=True)
        return name

    def image(self, api, picture):
        # A comment behind the end makes each one different.
        picture = picture + uuid.uuid4().bytes
        return self.publish(api, json.dumps({"image": base64.b64encode(picture).decode()}).encode())

    def fail(self):
        """96 failures of six kinds; returns a name of the biggest."""
        for index in range(40):
            first = self.image("quota-invoice", self.invoice if index % 3 else self.receipt)
        for _ in range(22):
            self.publish("general-text", self.receipt[:40], "image/jpeg")
        for _ in range(14):
            self.image("general-text", self.small)
        for _ in range(10):
            self.publish("general-text", b'{"image":"%%%%"}')
        for _ in range(6):
            self.publish("generel-text", b'{"image":"aGVsbG8="}')
        for _ in range(4):
            self.publish("general-text", b'{"image":')
        return first

    def await_answers(self, count, seconds=120):
        until = time.monotonic() + seconds
        while self.channel.queue_declare(REPLIES, passive=True).method.message_count < count:
            if time.monotonic() > until:
                raise RuntimeError("answers did not come in time")
            self.connection.sleep(0.1)


class Visitor:
    """Somebody at a browser; notes whatever the browser complains of."""

    def __init__(self, browser, console, check, **context):
        self.context = browser.new_context(base_url=console.url, **context)
        self.context.set_default_timeout(60_000)
        self.page = self.context.new_page()
        self.check = check
        # That a page was refused is what some steps are about.
        self.page.on("console", lambda message: check(
            message.type not in ("error", "warning") or "Failed to load resource" in message.text,
            f"the browser says on {self.page.url}: {message.text}"))
        self.page.on("pageerror", lambda error: check(False, f"script error on {self.page.url}: {error}"))
        self.page.on("dialog", lambda dialog: (check(False, f"a dialog on {self.page.url}"), dialog.dismiss()))

    def log_in(self, token=OPERATE, name="Mei"):
        self.page.goto("/login")
        self.page.fill("#name", name)
        self.page.fill("#token", token)
        self.page.click("main button")
        self.page.wait_for_url("**/")

    def until(self, expression, seconds=60):
        """Waits for something in the page; the page's policy forbids the browser's own way to do so."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            if time.monotonic() > end:
                raise RuntimeError(f"{expression} did not come true on {self.page.url}:\n{self.text()}")
            self.page.wait_for_timeout(100)

    def text(self):
        return self.page.inner_text("main")

    def close(self):
        self.context.close()


def page_list(visitor, letter):
    """{name: path} of every page."""
    visitor.page.goto("/causes")
    code = "code=OCR_BACKEND_REJECTED_REQUEST"
    return {
        "overview": "/", "causes": "/causes", "parked": "/causes?place=parked", "letters": "/letters?" + code,
        "letter": letter, "replay": "/replay?" + code, "park": "/park?" + code, "purge": "/purge?" + code,
        "jobs": "/jobs", "audit": "/audit"}


def look_at_all(browser, console, letter, job, pictures, lines, check):
    """Every page in every size and scheme: a screenshot, what axe finds, whether it fits its width."""
    axe, shots, findings = Axe(), 0, 0
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            visitor = Visitor(
                browser, console, check, color_scheme=scheme, viewport={"width": width, "height": height})
            visitor.page.goto("/login")
            visitor.page.screenshot(path=pictures / f"login-{size}-{scheme}.png", full_page=True)
            visitor.log_in()
            for name, path in (page_list(visitor, letter) | {"job": job}).items():
                visitor.page.goto(path)
                visitor.page.wait_for_load_state("networkidle")
                visitor.page.screenshot(path=pictures / f"{name}-{size}-{scheme}.png", full_page=True)
                shots += 1
                found = axe.run(visitor.page).response["violations"]
                for finding in found:
                    findings += 1
                    where = finding["nodes"][0]["target"]
                    check(False, f"{name} {size} {scheme}: {finding['impact']} {finding['id']} at {where}")
                wide = visitor.page.evaluate("document.documentElement.scrollWidth")
                check(wide <= width, f"{name} {size}: {wide} pixels wide")
            visitor.close()
    chinese = Visitor(browser, console, check, locale="zh-CN", viewport={"width": 1280, "height": 900})
    chinese.log_in(name="小梅")
    for name, path in page_list(chinese, letter).items():
        chinese.page.goto(path)
        chinese.page.screenshot(path=pictures / f"{name}-chinese.png", full_page=True)
        check(chinese.page.get_attribute("html", "lang") == "zh-Hans", f"{name} is not Chinese")
    chinese.page.click("a.language")
    check(chinese.page.get_attribute("html", "lang") == "en", "the switch of languages does nothing")
    chinese.page.goto("/")
    check(chinese.page.get_attribute("html", "lang") == "en", "the chosen language is forgotten")
    chinese.close()
    lines.append(f"{shots} screenshots, {findings} findings of axe-core")


def use_keyboard(browser, console, check, lines):
    """Log in, find a letter and reach its actions without a mouse."""
    visitor = Visitor(browser, console, check)
    page = visitor.page
    page.goto("/login")

    def tab_to(selector, limit=80):
        for _ in range(limit):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return True
        check(False, f"{selector} cannot be reached with the keyboard on {page.url}")
        return False

    tab_to("#name")
    page.keyboard.type("Jan")
    tab_to("#token")
    page.keyboard.type(OPERATE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.keyboard.press("Tab")
    check(page.evaluate("document.activeElement.className") == "skip", "the first stop is not the link to the content")
    tab_to("nav a[href='/causes']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/causes")
    tab_to(".group a.button.primary")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    check(outline != "none", "the focus cannot be seen")
    page.keyboard.press("Enter")
    page.wait_for_url("**/replay?**")
    tab_to("form[action='/replay'] button")
    visitor.close()
    lines.append("login, dead letters and the form of a replay reached with the keyboard alone")


def replay(visitor, lines):
    """Replays the biggest group as it is offered; returns the text of the job when it has ended."""
    page = visitor.page
    page.goto("/causes")
    page.click("section.group:first-of-type a.button.primary")
    page.fill("#rate", "100")
    page.click("form[action='/replay'] button.primary")
    page.wait_for_url("**/jobs/*")
    page.wait_for_selector("#job .badge:not(.info)", timeout=120_000)
    text = visitor.text()
    lines.extend("    " + line for line in text.splitlines() if line.strip())
    return text


def work(browser, broker, sandbox, console, letters, pictures, lines, failures):
    def check(condition, text):
        if not condition:
            failures.append(text)

    post(sandbox, "POST", FAULT)
    first = letters.fail()
    letters.await_answers(96)
    lines.append("96 requests have failed in six ways")
    visitor = Visitor(browser, console, check)
    visitor.log_in()
    page = visitor.page

    page.goto("/")
    page.wait_for_selector("#relays .badge.good >> nth=1", timeout=60_000)
    visitor.until("document.querySelector('a.tile .value')?.textContent.trim() === '96'")
    page.goto("/causes")
    group = page.inner_text("section.group:first-of-type")
    check("40" in group and "OCR_BACKEND_REJECTED_REQUEST" in group, "the biggest group is not the first")
    check("Compare the parameters" in group, "the advice is missing")
    shown = page.evaluate("[...document.querySelectorAll('.samples img')].map(i => i.complete && i.naturalWidth)")
    page.wait_for_load_state("networkidle")
    check(len(shown) >= 4, f"{len(shown)} sample pictures")
    page.click("section.group:first-of-type .samples a >> nth=0")
    visitor.until("document.querySelector('.exhibit img')?.naturalWidth > 0")
    letter = page.url.removeprefix(console.url)
    check("quick_mode" in visitor.text(), "what the service said is not beside the picture")
    lines.append("the biggest cause, its advice, its picture and what the service said were found")

    text = replay(visitor, lines)
    check("A canary failed again" in text and "39 letters were not sent" in text, "the canary did not stop the replay")
    job = page.url.removeprefix(console.url)
    look_at_all(browser, console, letter, job, pictures, lines, check)
    use_keyboard(browser, console, check, lines)

    post(sandbox, "DELETE")
    page.goto(job)
    page.fill("#rate", "100")
    page.click("form[action$='/resume'] button")
    page.wait_for_selector("#job .badge.info, #job .badge.good", timeout=60_000)
    page.wait_for_selector("#job .badge:not(.info)", timeout=120_000)
    check("40 of 40 letters sent" in visitor.text(), f"the rest was not sent: {visitor.text()}")
    text = replay(visitor, lines)
    depth = lambda name: broker.depths([f"ocr.dead.{name}"])[f"ocr.dead.{name}"]
    check(depth("invalid_request") <= 14, f"{depth('invalid_request')} letters are left")
    page.goto("/")
    page.screenshot(path=pictures / "overview-later.png", full_page=True)

    park(visitor, check, lines, depth, broker)
    purge(visitor, check, lines, broker)
    without_script(browser, console, check, lines)
    read_only(browser, console, check, lines)
    page.goto("/audit")
    entries = visitor.text()
    for word in ("login", "replay", "resume", "park", "purge", "Mei"):
        check(word in entries, f"{word} is not in the audit log")
    kept = (console.state / "audit.jsonl").read_text().splitlines()
    check(all(json.loads(line)["at_ms"] for line in kept), "the audit file cannot be read")
    check(oct((console.state / "audit.jsonl").stat().st_mode)[-3:] == "600", "others can read the audit file")
    visitor.close()
    console_attacks.run(browser, broker, console, lines, check, Visitor)


def park(visitor, check, lines, depth, broker):
    page = visitor.page
    page.goto("/park?code=OCR_IMAGE_TOO_SMALL")
    page.click("form[action='/park'] button")
    page.wait_for_selector("#job .badge.good", timeout=60_000)
    check(broker.depths(["ocr.parked"])["ocr.parked"] == 14, "14 letters were to be put aside")
    page.goto("/causes?place=parked")
    check("OCR_IMAGE_TOO_SMALL" in visitor.text(), "what was put aside is not shown")
    lines.append("14 letters put aside")


def purge(visitor, check, lines, broker):
    page = visitor.page
    page.goto("/purge?place=parked&code=OCR_IMAGE_TOO_SMALL")
    page.fill("#count", "13")
    page.click("form[action='/purge'] button")
    check("Nothing was deleted" in visitor.text(), "a wrong number was taken")
    check(broker.depths(["ocr.parked"])["ocr.parked"] == 14, "a wrong number has deleted something")
    page.fill("#count", "14")
    page.click("form[action='/purge'] button")
    page.wait_for_selector("#job .badge.good", timeout=60_000)
    check("14 letters deleted" in visitor.text(), "14 letters were to be deleted")
    check(broker.depths(["ocr.parked"])["ocr.parked"] == 0, "letters are left that were to be deleted")
    lines.append("14 letters deleted, after a wrong number was refused")


def without_script(browser, console, check, lines):
    visitor = Visitor(browser, console, check, java_script_enabled=False)
    visitor.log_in()
    for path in ("/", "/causes", "/jobs"):
        visitor.page.goto(path)
        check(visitor.page.locator("h1").count() == 1, f"{path} does not work without scripts")
    visitor.page.goto("/replay?code=OCR_IMAGE_NOT_BASE64")
    visitor.page.click("form[action='/replay'] button")
    visitor.page.wait_for_url("**/jobs/*")
    visitor.close()
    lines.append("pages and actions work without scripts")


def read_only(browser, console, check, lines):
    visitor = Visitor(browser, console, check)
    visitor.log_in(READ, "Jan")
    visitor.page.goto("/causes")
    for word in ("Replay…", "Delete…", "Put aside…"):
        check(word not in visitor.text(), f"{word} is offered to a reader")
    check(visitor.page.goto("/purge?all=yes").status == 403, "a reader sees the page that deletes")
    visitor.close()
    lines.append("readers are offered no action")


def post(sandbox, method, fault=None):
    data = json.dumps(fault).encode() if fault else None
    request = urllib.request.Request(
        sandbox.url + "/sandbox/faults", data=data, method=method, headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=pathlib.Path, default=common.REPORTS / "console")
    options = parser.parse_args()
    options.pictures.mkdir(parents=True, exist_ok=True)
    lines, failures = [], []
    with common.workspace() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        broker, sandbox = common.Broker(), common.Sandbox(folder)
        processes = []
        try:
            ports = [common.free_port() for _ in range(2)]
            for number, port in enumerate(ports):
                processes.append(common.Relay(
                    folder, f"relay-{number}", broker.url, sandbox.url, sandbox.url, http_listen=f"127.0.0.1:{port}"))
            for relay in processes:
                relay.await_line("notice consuming")
            console = Console(folder, broker.url, [f"http://127.0.0.1:{port}" for port in ports])
            processes.append(console)
            letters = Letters(broker.url, browser)
            work(browser, broker, sandbox, console, letters, options.pictures, lines, failures)
            for secret in (OPERATE, READ):
                if secret in console.log_file.read_text():
                    failures.append("a token is in the log")
        finally:
            for process in processes:
                process.terminate()
            sandbox.kill()
            broker.remove()
            browser.close()
    sys.exit(common.report("console", lines, failures))


main()
