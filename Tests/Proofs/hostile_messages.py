"""Messages that nobody should send: each yields (kind, key, properties, body) for raw_amqp.Publisher.

Every body ends with a marker of 40 characters of its own, or the message id is that marker: it tells what became of the
message. Bodies that pass for requests are such that the OCR stub answers them.
"""

import base64
import json
import random
import struct
import uuid
import zlib

from raw_amqp import field, integer_field, long, short, text_field

REPLIES = "ocr.reply.hostile"
QUEUE = "ocr.requests"


def marker():
    return "hostile-" + uuid.uuid4().hex


def address(name):
    """The body of a request that is in order."""
    return ('{"url":"https://pictures.example.com/' + name + '"}').encode()


def message(kind, headers=None, body=None, key=QUEUE, name=None, **properties):
    name = name or marker()
    values = {
        "content_type": "application/json", "delivery_mode": 2, "correlation_id": name, "reply_to": REPLIES,
        "message_id": name, "type": "general-text",
    } | properties
    if headers is not None:
        values["headers"] = headers
    values = {key: value for key, value in values.items() if value is not None}
    return kind, name, key, values, address(name) if body is None else body


def nested(levels, kind):
    """Tables or arrays in each other, so deep that decoding them by recursion needs much stack."""
    data = b""
    for _ in range(levels):
        data = b"F" + long(b"\1a" + data) if kind == "F" and data else kind.encode() + long(data)
    return short("deep") + data


FIELDS = {
    "t": b"\1", "b": b"\x80", "B": b"\xff", "s": b"\x80\0", "U": b"\x80\0", "u": b"\xff\xff", "I": b"\x80\0\0\0",
    "i": b"\xff" * 4, "L": b"\x80" + b"\0" * 7, "l": b"\x7f" + b"\xff" * 7, "f": struct.pack(">f", float("nan")),
    "d": struct.pack(">d", float("inf")), "D": b"\xff" + b"\xff" * 4, "S": long(b"\0\xff\xfe\r\n"),
    "A": long(b"t\1S" + long("x")), "T": b"\xff" * 8, "F": long(text_field("a", "b")), "V": b"", "x": long(bytes(range(256))),
    "?": b"1234", "\0": b"",
}
OURS = [
    "ocr-options", "ocr-deadline", "ocr-attempts", "ocr-first-failed-at", "ocr-not-before", "ocr-origin-user",
    "ocr-replay-count", "traceparent", "x-death", "x-delivery-count"]


def field_kinds():
    for kind, value in FIELDS.items():
        yield message("field kinds", field("plain", kind, value))
        yield message("field kinds", field("table", "F", long(field("inner", kind, value))))
        yield message("field kinds", field("array", "A", long(kind.encode() + value)))


def header_keys():
    for value in FIELDS.values():
        yield message("header keys", b"\0" + b"S" + long("empty key") + field("later", "x", long(value)))
    for key in [b"k" * 255, b"\xff\xfe", b"a\0b", b"a\r\nb: c", "‮gnp.ocr".encode()]:
        yield message("header keys", field(key, "S", long("value")) * 2)


def header_bombs():
    for levels in (100, 1_000, 5_000, 12_000):
        yield message("nested headers", nested(levels, "F"))
        yield message("nested headers", nested(levels, "A"))
    for size in (8_000, 40_000, 110_000, 130_000):
        yield message("header bombs", text_field("huge", "h" * size))
        yield message("header bombs", b"".join(text_field(f"k{number}", "") for number in range(size // 12)))
        yield message("header bombs", text_field("ocr-options", "{" + " " * (size - 2) + "}"))


def wrong_types():
    for name in OURS:
        for kind in "tIdSTFAVx":
            yield message("wrong types", field(name, kind, FIELDS[kind]))


def properties():
    texts = [b"\xff" * 255, b"\0" * 255, b"a\r\nX-Injected: 1\r\n", "｡‮ocr".encode() * 20, b""]
    for name in ["content_type", "content_encoding", "correlation_id", "message_id", "type", "app_id", "cluster_id"]:
        for text in texts:
            yield message("odd properties", **{name: text})
    for name, value in [("delivery_mode", 200), ("delivery_mode", 0), ("priority", 255), ("timestamp", 2**64 - 1)]:
        yield message("odd properties", **{name: value})
    for expiration in ["-1", "soon", "99999999999999999999", "1e3", ""]:
        yield message("odd properties", expiration=expiration)
    for user in ["root", "guest\0", ""]:
        yield message("odd properties", user_id=user)
    # A cut frame of properties: more flags than values.
    yield message("odd properties", headers=b"\x05abc")


def large_bodies():
    for size in (12 << 20, (12 << 20) + 1, 13 << 20, 16 << 20):
        name = marker()
        yield message("oversized bodies", body=b" " * (size - 40) + name.encode(), name=name)


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))


def tiff(offset, count):
    return b"II*\0" + struct.pack("<IH", 8, count) + struct.pack("<HHII", 256, 4, 1, 0xffffffff) + struct.pack("<I", offset)


def pixel_bombs():
    pictures = {
        "image/png": [png(65535, 65535), png(2**31 - 1, 2**31 - 1), png(2**32 - 1, 1), png(0, 0), png(1, 1)[:20],
                      b"\x89PNG\r\n\x1a\n"],
        "image/jpeg": [
            b"\xff\xd8" + b"\xff\xe0\0\2" * 200_000, b"\xff\xd8" + b"\xff" * 100_000, b"\xff\xd8\xff\xc0\0\0",
            b"\xff\xd8\xff\xc0\0\x11\x08" + b"\xff" * 4 + b"\3", b"\xff\xd8\xff\xe1\xff\xff"],
        "image/tiff": [tiff(8, 1), tiff(0xffffffff, 0xffff), b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0"],
        "image/bmp": [b"BM" + b"\0" * 12 + struct.pack("<Iii", 40, -2**31, -2**31) + b"\0" * 20, b"BM" + b"\xff" * 60, b"BM"],
        "application/pdf": [b"%PDF-1.7\n" + b"<<" * 50_000],
    }
    for content_type, bodies in pictures.items():
        for picture in bodies:
            name = marker()
            yield message("pixel bombs", body=picture + name.encode(), content_type=content_type, name=name)
            name = marker()
            encoded = base64.b64encode(picture).decode()
            yield message(
                "pixel bombs", body=json.dumps({"image": encoded, "note": name}).encode(), name=name)
    bomb = zlib.compress(b"\0" * 5_000_000)
    for encoding in ["gzip", "deflate", "br", "identity, gzip", "x" * 255]:
        yield message("encodings", body=bomb + marker().encode(), content_encoding=encoding)


def forged():
    death = field("x-death", "A", long(b"F" + long(
        text_field("queue", QUEUE) + text_field("reason", "expired") + integer_field("count", 2**40))))
    for headers in [
        integer_field("ocr-attempts", 99), integer_field("ocr-attempts", -5), integer_field("ocr-attempts", 2**63 - 1),
        integer_field("ocr-first-failed-at", 1), integer_field("ocr-not-before", 2**62),
        text_field("ocr-origin-user", "somebody"), integer_field("ocr-replay-count", 2**62),
        text_field("ocr-origin-exchange", "amq.fanout") + text_field("ocr-origin-routing-key", "billing.invoices"),
        integer_field("x-delivery-count", 1_000), death, text_field("x-first-death-queue", QUEUE), death * 3,
    ]:
        yield message("forged counters", headers)
        # As if it came back from a retry level: only a message through ocr.retry-in is believed.
        yield message("forged counters", headers + text_field("x-first-death-exchange", "ocr.retry-in"))


def copies():
    """Copies that the broker makes for the publisher, which must not be made again with the relay's rights."""
    for name in ["CC", "BCC"]:
        for targets in [["hostile.copies"], ["hostile.copies", "ocr.reply.nobody"]]:
            array = long(b"".join(b"S" + long(target) for target in targets))
            for body in [None, b'{"image":1,"note":"' + marker().encode() + b'"}']:
                yield message("CC and BCC", field(name, "A", array), body)


def reply_targets():
    names = [
        "billing.invoices", "hostile.foreign", "ocr.requests", "ocr.retry.2s", "ocr.retry.1h", "ocr.unroutable",
        "ocr.dead.poison", "ocr.dead.invalid_request", "amq.rabbitmq.reply-to", "amq.rabbitmq.reply-to.",
        "amq.rabbitmq.reply-to.g1h2AA9yZXBseUAxMjM0NTY3OA==.AAAA", "amq.rabbitmq.log", "amq.gen", "amq.gen/", "amq.gen\0",
        "AMQ.GEN-x", "/", "//", "/x", "amq.direct/billing.invoices", "amq.fanout/", "amq.topic/#", "amq.headers/x",
        "hostile.exchange/billing.invoices", "ocr.retry/2s.ocr.requests", "ocr.retry-in/2s.ocr.requests",
        "ocr.dead/poison", "ocr.unroutable/", "ocr.requests/general-text", "ocr.reply", "ocr.reply\0.x", "OCR.REPLY.x",
        "ocr.replyx", "xocr.reply.a", " ocr.reply.a", "ocr.reply.a\r\nb", "ocr.reply.‮a", "ocr．reply.a", "ocr.reply.a/../b",
        "../ocr.reply.a", "*", "#", "ocr.*", "%", "\ufeffocr.reply.a", "a\u0338/b", "ocr.reply.\ud7ff", "ocr.reply." + "n" * 245,
        "b" * 255, "\u202eyler.rco"]
    for name in names:
        yield message("reply targets", reply_to=name)
    for data in [b"\xff" * 255, b"ocr.reply.\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"ocr.reply.\0", b"\0"]:
        yield message("reply targets", reply_to=data)
    generator = random.Random(3)
    for _ in range(200 - len(names) - 6):
        length = generator.randint(1, 255)
        yield message("reply targets", reply_to=bytes(generator.randrange(256) for _ in range(length)))


def types():
    for name in [
        "../v3/auth/tokens", "general-text/../../../v3/auth/tokens", "general-text?x=1", "general-text#", "GENERAL-TEXT",
        "general-text ", " general-text", "general-text\0", "general-text\r\nHost: x", "generaltext", "%67eneral-text",
        "t" * 255, b"\xff\xfe", "*", "general-text/", "//general-text", "ocr.requests"]:
        yield message("unknown types", type=name)
    for name in ["text/html", "image/svg+xml", "multipart/form-data", "application/json; charset=utf-16",
                 "application/json;" + "a=b;" * 50, "application/x-www-form-urlencoded", "image/*", "*/*", "image/jpeg\r\n",
                 "application/problem+json", "application/jsonx", "IMAGE/PNG;" + "x" * 200]:
        yield message("content types", content_type=name)


def json_bodies():
    name = marker
    for make in [
        lambda n: b"", lambda n: b"{", lambda n: b"[" * 100_000 + n, lambda n: b'{"a":' * 100_000 + n,
        lambda n: b"\xef\xbb\xbf" + address(n.decode()), lambda n: address(n.decode()).decode().encode("utf-16"),
        lambda n: b'{"image":"\xff\xfe' + n + b'"}', lambda n: b'{"image":NaN,"n":"' + n + b'"}',
        lambda n: b'{"url":1e999999,"n":"' + n + b'"}', lambda n: b'{"url":' + b"9" * 100_000 + b',"n":"' + n + b'"}',
        lambda n: b'{"url":"https://pictures.example.com/a","url":"http://127.0.0.1/' + n + b'"}',
        lambda n: b'{"image":"AAAA","url":"https://pictures.example.com/' + n + b'"}',
        lambda n: b'{"image":"' + n, lambda n: b'{"image":"' + n + b'"}}', lambda n: address(n.decode()) * 2,
        lambda n: b'{"image":null,"n":"' + n + b'"}', lambda n: b'{"n":"' + n + b'"}', lambda n: b'"' + n + b'"',
        lambda n: b"\0" * 1_000 + n, lambda n: b'{"image":"data:image/png;base64,AAAA","n":"' + n + b'"}',
        lambda n: b'{"image":"%00%0d%0a","n":"' + n + b'"}', lambda n: b'{"image":"AAA=AAA=","n":"' + n + b'"}',
        lambda n: b'{"\\u0069mage":"\\ud800","n":"' + n + b'"}', lambda n: b'{"image":{"image":"AAAA"},"n":"' + n + b'"}',
        lambda n: b"{" + b",".join(b'"k%d":1' % i for i in range(20_000)) + b',"n":"' + n + b'"}',
        lambda n: b'{"url":["https://pictures.example.com/' + n + b'"]}', lambda n: b"// x\n" + address(n.decode()),
        lambda n: b'{"image":"","n":"' + n + b'"}', lambda n: b'{"image":" ","n":"' + n + b'"}',
    ]:
        own = name()
        yield message("JSON bodies", body=make(own.encode()), name=own)


def options():
    picture = png(100, 100)
    for text in [
        '{"a\r\nX-Injected: 1":1}', '{"detect_direction":"true\r\nX-Injected: 1"}', '{"image":"AAAA"}', '{"url":"http://x"}',
        "[]", "null", "{", '{"detect_direction":' + "[" * 2_000 + "]" * 2_000 + "}", "\0", '{"a":"\\u0000"}', '{"' + "k" * 4_000 + '":1}',
        '{"detect_direction":true,"detect_direction":false}', '{} {}', '\ufeff{}', '{"__proto__":1}']:
        name = marker()
        yield message("options", text_field("ocr-options", text), picture + name.encode(), content_type="image/png", name=name)
    for text in ["00-\r\nX-Injected: 1", "00-" + "0" * 32 + "-" + "0" * 16 + "-00\r\nX-Injected: 1", "\0", "é" * 100, "a" * 511]:
        yield message("trace context", text_field("traceparent", text) + text_field("tracestate", text))


def addresses():
    for url in [
        "http://169.254.169.254/latest", "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:7f00:1]/", "https://2130706433/",
        "https://0x7f.1/", "https://017700000001/", "https://localhost/", "https://a.localhost/", "https://10.0.0.1/",
        "https://192.168.1.1/", "https://user@pictures.example.com/", "https://pictures.example.com@127.0.0.1/",
        "file:///etc/passwd", "ftp://pictures.example.com/", "javascript:alert(1)", "https:///x", "https://", "//x", "x",
        "https://pictures.example.com:99999/", "https://pict ures.example.com/", "https://pictures.example.com\\@127.0.0.1/",
        "https://１２７.0.0.1/", "https://[fe80::1%25eth0]/", "https://metadata.google.internal/", "https://" + "a." * 1_500 + "com/"]:
        name = marker()
        yield message("addresses", body=json.dumps({"url": url, "note": name}).encode(), name=name)


def deadlines():
    for value in [0, -1, -2**63, 2**63 - 1]:
        yield message("deadlines", integer_field("ocr-deadline", value))
    for value in ["", "tomorrow", "9" * 200, "-0", "0x10"]:
        yield message("deadlines", text_field("ocr-deadline", value))


def all_messages():
    for make in [
        field_kinds, header_keys, header_bombs, wrong_types, properties, large_bodies, pixel_bombs, forged, copies,
        reply_targets, types, json_bodies, options, addresses, deadlines]:
        yield from make()
