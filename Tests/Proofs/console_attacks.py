"""Attacks on the console: none may do anything, show anything, or break anything."""

import http.client
import json
import socket
import struct
import time
import urllib.parse
import zlib

import pika

from console_stage import OPERATE, READ

CARE = {"canaries": "0", "rate": "1000", "stop_after": "0"}
# Every action, as a page of ours would send it for all letters.
ACTIONS = {
    "/replay": {"place": "dead", "all": "yes"} | CARE, "/park": {"place": "dead", "all": "yes"},
    "/purge": {"place": "dead", "all": "yes", "count": "1"}, "/look": {"place": "dead"},
    "/jobs/20260102-030405-00000000/resume": dict(CARE), "/jobs/20260102-030405-00000000/stop": {"x": "y"},
}
PAGES = ["/", "/causes", "/letters", "/jobs", "/audit", "/replay?all=yes", "/park?all=yes", "/purge?all=yes"]
SCRIPT = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>\"'><svg onload=window.hit=1>"
# Where a publisher or a service can put text that a page shows.
TEXTS = [
    "message_id", "correlation_id", "reply_to", "type", "content_type", "ocr-error-code", "ocr-error-class",
    "ocr-error-message", "ocr-backend", "ocr-backend-code", "ocr-history", "ocr-origin-exchange",
    "ocr-origin-routing-key", "ocr-origin-queue", "ocr-origin-user", "traceparent", SCRIPT, "url"]


class Attacker:
    """Counts what was tried, and remembers what worked."""

    def __init__(self, console, check):
        self.console, self.check, self.count = console, check, 0
        self.names = {}

    def expect(self, kind, isHarmless, what):
        self.count += 1
        self.names[kind] = self.names.get(kind, 0) + 1
        self.check(isHarmless, f"attack worked: {kind}: {what}")

    def refused(self, kind, what, status, *allowed):
        self.expect(kind, status in (allowed or (303, 400, 401, 403, 404, 405, 413, 429, 431)), f"{what}: HTTP {status}")

    def raw(self, data):
        """The status of an answer to bytes that no client library would send; 0 when the connection was closed."""
        with socket.create_connection(("127.0.0.1", self.console.port), timeout=20) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                head = b""
                while b"\r\n" not in head and (more := connection.recv(4096)):
                    head += more
            except (ConnectionResetError, BrokenPipeError):
                return 0, b""
            if not head:
                return 0, b""
            rest = b""
            try:
                while more := connection.recv(65536):
                    rest += more
            except (ConnectionResetError, TimeoutError):
                pass
            return int(head.split(b" ", 2)[1]), head + rest


def csrf_token(console, cookie):
    """The token in the forms of a session."""
    _, _, page = console.request("GET", "/causes", {"Cookie": cookie})
    return page.decode().split('name="csrf" value="')[1].split('"')[0]


def without_login(attacker, letter):
    console = attacker.console
    for page in PAGES + [letter, letter.split("?")[0] + "/picture", letter.split("?")[0] + "/file"]:
        status, headers, body = console.request("GET", page)
        isSent = status == 303 and headers["Location"] == "/login" and not body
        attacker.expect("no login", isSent, f"GET {page}: {status}")
    for path, form in ACTIONS.items():
        status, _, _ = console.request("POST", path, {"Origin": console.url}, **form)
        attacker.refused("no login", f"POST {path}", status, 401)
    for header in ("X-Forwarded-User", "X-Remote-User", "Remote-User", "X-Auth-Request-User"):
        status, _, _ = console.request("GET", "/audit", {header: "admin", "X-Forwarded-For": "127.0.0.1"})
        attacker.refused("forged proxy", header, status, 303)


def as_reader(attacker):
    console = attacker.console
    cookie = console.log_in(READ, "Jan")
    token = csrf_token(console, cookie)
    for path, form in ACTIONS.items():
        if path == "/look":
            continue
        status, _, _ = console.request("POST", path, {"Origin": console.url, "Cookie": cookie}, csrf=token, **form)
        attacker.refused("missing role", f"POST {path}", status, 403)
        status, _, _ = console.request("POST", path, {"Authorization": f"Bearer {READ}"}, **form)
        attacker.refused("missing role", f"POST {path} with the token", status, 403)
    for page in ("/replay?all=yes", "/park?all=yes", "/purge?all=yes"):
        status, _, _ = console.request("GET", page, {"Cookie": cookie})
        attacker.refused("missing role", f"GET {page}", status, 403)


def forged_forms(attacker):
    console = attacker.console
    cookie, other = console.log_in(), console.log_in(OPERATE, "Eve")
    token, foreign = csrf_token(console, cookie), csrf_token(console, other)
    origin = {"Origin": console.url, "Cookie": cookie}
    for path, form in ACTIONS.items():
        forgeries = [
            ("no token", origin, {}), ("empty token", origin, {"csrf": ""}),
            ("another session's token", origin, {"csrf": foreign}), ("a cut token", origin, {"csrf": token[:-1]}),
            ("no origin", {"Cookie": cookie}, {"csrf": token}),
            ("origin null", origin | {"Origin": "null"}, {"csrf": token}),
            ("foreign origin", origin | {"Origin": "https://evil.example"}, {"csrf": token}),
            ("origin that begins alike", origin | {"Origin": console.url + ".evil.example"}, {"csrf": token}),
        ]
        for name, headers, extra in forgeries:
            status, _, _ = console.request("POST", path, headers, **(form | extra))
            attacker.refused("CSRF", f"{name}: POST {path}", status, 403)
    body = json.dumps(ACTIONS["/purge"] | {"csrf": token})
    for kind in ("text/plain", "application/json", "multipart/form-data; boundary=x"):
        status, _, _ = console.request("POST", "/purge", origin | {"Content-Type": kind}, body)
        attacker.refused("CSRF", f"body of {kind}", status, 403)
    query = urllib.parse.urlencode(ACTIONS["/park"] | {"csrf": token})
    status, _, _ = console.request("POST", "/park?" + query, origin, x="y")
    attacker.refused("CSRF", "token in the query", status, 403)
    for path in ACTIONS:
        if path.startswith("/jobs") or path == "/look":
            status, _, _ = console.request("GET", path + "?csrf=" + token, {"Cookie": cookie})
            attacker.refused("CSRF", f"GET {path}", status, 404)


def tampered_cookies(attacker):
    console = attacker.console
    cookie = console.log_in()
    name, value = cookie.split("=")
    flipped = value[:-1] + ("0" if value[-1] != "0" else "1")
    for text in [
            f"{name}=", f"{name}={flipped}", f"{name}={value[:-1]}", f"{name}={value}0", f"{name}={value.upper()}x",
            f"{name}={'0' * 64}", f"{name}=' OR 1=1 --", f"{name}=../../{value}", f"{name.upper()}={value}",
            f"{name}={value}; {name}={flipped}", f"{name}={flipped}; {name}={value}", f"x{name}={value}",
            f"{name}=%00{value}", f"{name}={{\"role\":\"operate\"}}", f"{name}=operate"]:
        status, _, _ = console.request("GET", "/audit", {"Cookie": text})
        attacker.refused("cookie", text, status, 303)
    token = csrf_token(console, cookie)
    console.request("POST", "/logout", {"Origin": console.url, "Cookie": cookie}, csrf=token)
    status, _, _ = console.request("GET", "/audit", {"Cookie": cookie})
    attacker.refused("cookie", "a session that has ended", status, 303)


def odd_paths(attacker, letter):
    console = attacker.console
    cookie = console.log_in()
    id = letter.split("?")[0].split("/")[2]
    paths = [
        "/../../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/letters/../audit",
        "/letters/..%2f..%2fetc%2fpasswd", "/letters/%00", f"/letters/{id}%00.png", f"/letters/{id}/../../audit",
        f"/letters/{id}/picture/../file", f"/letters/{id[:-1]}", f"/letters/{id}0", f"/letters/{id.upper()}A",
        "/letters/" + "g" * 32, "/letters/" + "0" * 32, "/letters/'%20OR%201=1", f"/letters/{id}/picture.svg",
        f"/letters/{id}/..", "/jobs/../audit.jsonl", "/jobs/..%2faudit", "/jobs/20260102-030405-0000000g",
        "/jobs/20260102-030405-00000000", "/jobs/replay-x.plan", "/jobs/20260102-030405-00000000/../..", "/audit.jsonl",
        "/console-state/audit.jsonl", "/.git/config", "/.env", "/style.css/../audit", "/style.css%00", "//audit",
        "/audit/", "/AUDIT", "/audit;a=b", "/audit%0d%0aX:%20y", "/%c0%ae%c0%ae/etc/passwd", "/\\..\\..\\etc\\passwd",
        "/letters/" + "a" * 5000, "/static/style.css", "/metrics", "/debug", "/healthz/..",
    ]
    for path in paths:
        try:
            status, headers, body = console.request("GET", path, {"Cookie": cookie})
        except http.client.InvalidURL:
            status, body = attacker.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
        harmless = status in (303, 400, 404, 414, 431) and b"root:" not in body and b"at_ms" not in body
        attacker.expect("path", harmless, f"{path[:60]}: {status}")
    for query in [
            "place=both", "place=dead&place=parked", "code=X", "code='--", "cause=..%2f", "cause=poison%00", "letter=..",
            "letter=" + "0" * 31, "code=%ff", "user=" + "x" * 300, "api=%zz&code=NOPE"]:
        status, _, _ = console.request("GET", "/letters?" + query, {"Cookie": cookie})
        attacker.refused("query", query[:40], status, 400, 404)
    for host in ("evil.example", "evil.example:80@127.0.0.1", "127.0.0.1\tx"):
        status, head = attacker.raw(f"GET /audit HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        attacker.expect("host", b"evil.example" not in head, host)
    for next in ("//evil.example", "https://evil.example", "/\\evil.example", "%0d%0aSet-Cookie:%20a=b"):
        status, headers, _ = console.request("GET", "/login?next=" + next, {"Cookie": cookie})
        attacker.expect("redirect", headers.get("Location", "/") == "/" and "a=b" not in str(headers), next)


def methods_and_sizes(attacker):
    console = attacker.console
    cookie = console.log_in()
    token = csrf_token(console, cookie)
    origin = {"Origin": console.url, "Cookie": cookie}
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "PURGE"):
        status, _, body = console.request(method, "/purge", origin)
        attacker.refused("method", method, status, 400, 405, 501)
    for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        status, _, _ = console.request("GET", "/logout", origin | {header: "POST"})
        attacker.refused("method", header, status, 404)
    status, _, body = console.request("HEAD", "/purge?all=yes", origin)
    attacker.expect("method", status == 200 and not body, "HEAD")
    status, _, _ = console.request("POST", "/purge", origin, csrf=token, filler="x" * 200_000)
    attacker.refused("size", "a large form", status, 413)
    status, _, _ = console.request("GET", "/letters?api=" + "x" * 20_000, origin)
    attacker.refused("size", "a long query", status, 413, 400, 431)
    for name, data in [
            ("a long line", b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
            ("a long header", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n"),
            ("many headers", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000 + b"\r\n"),
            ("a lie about its length", b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999\r\n\r\n"),
            ("two lengths", b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
            ("length and chunks", b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"
                                  b"\r\n\r\n0\r\n\r\nGET /audit HTTP/1.1\r\n\r\n"),
            ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20),
            ("a nul in a header", b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a\x00b\r\n\r\n")]:
        status, _ = attacker.raw(data)
        attacker.expect("size and shape", status in (0, 303, 400, 401, 403, 413, 414, 431), f"{name}: {status}")


def guessed_tokens(attacker):
    """Last, because it makes this address wait."""
    console = attacker.console
    for token in ["", "operate", OPERATE[:-1], OPERATE + "x", OPERATE.upper(), "' OR ''='"]:
        status, _, _ = console.request("POST", "/login", {"Origin": console.url}, token=token, name="Eve")
        attacker.refused("guess", token, status, 400, 403)
        status, _, _ = console.request("GET", "/audit", {"Authorization": f"Bearer {token}"})
        attacker.refused("guess", "Bearer " + token, status, 401)
    for origin in ("https://evil.example", "null"):
        status, _, _ = console.request("POST", "/login", {"Origin": origin}, token=OPERATE, name="Eve")
        attacker.refused("foreign login", origin, status, 403)
    status, _, _ = console.request("POST", "/login", {"Origin": console.url}, token=OPERATE, name="Eve")
    attacker.expect("guess", status == 429, f"after many wrong tokens: {status}")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def hostile_letters(url):
    """Puts letters into a dead-letter queue whose every text is markup, and pictures that are none; returns how many."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()
    usual = {"ocr-error-code": "OCR_POISON", "ocr-error-class": "poison", "ocr-last-failed-at": 1_700_000_000_000}
    count = 0

    def publish(body, headers={}, **properties):
        nonlocal count
        count += 1
        channel.basic_publish("", "ocr.dead.poison", body, pika.BasicProperties(
            headers=usual | headers, delivery_mode=2, **({"message_id": f"hostile-{count}", "type": "general-text"}
                                                          | properties)), mandatory=True)

    for name in TEXTS:
        if name == "url":
            publish(json.dumps({"url": f"https://{SCRIPT}/x"}).encode(), content_type="application/json")
        elif name in ("message_id", "correlation_id", "reply_to", "type", "content_type"):
            publish(b"{}", **{name: SCRIPT[:250]})
        else:
            publish(b"{}", {name: SCRIPT})
    html = b"<html><script>window.hit=1;top.hit=1</script></html>"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.hit=1"><script>window.hit=1</script></svg>'
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 40, 8, 0, 0, 0, 0))
    for picture, kind in [
            (html, "image/png"), (svg, "image/svg+xml"), (svg, "image/png"), (b"GIF89a/*" + html + b"*/=1;", "image/gif"),
            (png + html, "image/png"), (b"\xff\xd8\xff\xe0" + html, "text/html"), (b"%PDF-1.7\n" + html, "application/pdf"),
            (b"RIFF\0\0\0\0WEBP" + html, "image/webp"), (b"BM" + html, "text/html")]:
        publish(picture, content_type=kind)
    connection.close()
    return count


def visit_hostile_letters(attacker, browser, broker, check, Visitor):
    console = attacker.console
    count = hostile_letters(broker.url)
    visitor = Visitor(browser, console, lambda *_: None)
    visitor.log_in()
    page = visitor.page
    alarms = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    page.on("console", lambda message: alarms.append(message.text) if "Content Security Policy" in message.text else None)
    page.goto("/causes")
    page.click("form[action='/look'] button")
    page.goto("/letters?cause=poison")
    links = page.evaluate("[...document.querySelectorAll('td a')].map(a => a.getAttribute('href'))")
    attacker.expect("markup in letters", len(links) >= count - 2, f"{len(links)} of {count} letters are listed")
    for path in ["/causes", "/letters?cause=poison", "/", *links]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        hit = page.evaluate("window.hit")
        foreign = page.evaluate("document.querySelectorAll('main script, main svg[onload], [onerror]').length")
        attacker.expect("markup in letters", hit is None and foreign == 0 and not alarms, f"{path}: {alarms}")
        alarms.clear()
    cookie = console.log_in()
    for path in links:
        picture = path.split("?")[0] + "/picture?place=dead"
        status, headers, body = console.request("GET", picture, {"Cookie": cookie})
        kind = headers["Content-Type"].split(";")[0]
        harmless = status == 404 or (
            kind in ("image/png", "image/jpeg", "image/gif", "image/webp") and "sandbox" in
            headers.get_all("Content-Security-Policy")[-1])
        attacker.expect("pictures that are none", harmless and headers["X-Content-Type-Options"] == "nosniff", f"{kind}")
        status, headers, _ = console.request("GET", path.split("?")[0] + "/file?place=dead", {"Cookie": cookie})
        harmless = headers["Content-Type"] == "application/octet-stream" and headers["Content-Disposition"].startswith(
            "attachment; filename=\"")
        attacker.expect("files", harmless, headers["Content-Type"])
    visitor.close()


def run(browser, broker, console, lines, check, Visitor):
    """All attacks. Before and after, queues hold the same and the console answers."""
    attacker = Attacker(console, check)
    cookie = console.log_in()
    _, _, page = console.request("GET", "/letters", {"Cookie": cookie})
    letter = page.decode().split('<td><a href="')[1].split('"')[0]
    before = broker.depths()
    without_login(attacker, letter)
    as_reader(attacker)
    forged_forms(attacker)
    tampered_cookies(attacker)
    odd_paths(attacker, letter)
    methods_and_sizes(attacker)
    after = broker.depths()
    check(before == after, "attacks have moved letters")
    visit_hostile_letters(attacker, browser, broker, check, Visitor)
    guessed_tokens(attacker)
    status, _, _ = console.request("GET", "/healthz")
    check(status == 200 and console.child.poll() is None, "the console does not answer any more")
    lines.append(f"{attacker.count} attacks: " + ", ".join(f"{n} {kind}" for kind, n in attacker.names.items()))
    check(attacker.count >= 200, "fewer than 200 attacks")
