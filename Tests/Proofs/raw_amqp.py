"""AMQP 0-9-1 by hand: a publisher that sends properties and headers byte for byte, also such as no client library lets
through, and a reader that does not fall over them."""

import socket
import struct
import urllib.parse

# Properties in the order of their flags, from the highest bit down; `headers` holds an encoded table without its length.
PROPERTIES = [
    "content_type", "content_encoding", "headers", "delivery_mode", "priority", "correlation_id", "reply_to",
    "expiration", "message_id", "timestamp", "type", "user_id", "app_id", "cluster_id"]
METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8


def short(text):
    """A short string; text or bytes of at most 255 bytes."""
    data = text.encode() if isinstance(text, str) else text
    return struct.pack(">B", len(data)) + data


def long(data):
    """A long string, a table or an array: its length, then its bytes."""
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">I", len(data)) + data


def field(name, kind, value):
    """An entry of a table: `value` is encoded already."""
    return short(name) + kind.encode() + value


def text_field(name, text):
    return field(name, "S", long(text))


def integer_field(name, number):
    return field(name, "l", struct.pack(">q", number))


def encode_properties(values):
    flags, data = 0, b""
    for position, name in enumerate(PROPERTIES):
        if name not in values:
            continue
        flags |= 1 << (15 - position)
        value = values[name]
        if name == "headers":
            data += long(value)
        elif name in ("delivery_mode", "priority"):
            data += struct.pack(">B", value)
        elif name == "timestamp":
            data += struct.pack(">Q", value)
        else:
            data += short(value)
    return struct.pack(">H", flags) + data


def decode_properties(data):
    """The texts among the properties, as bytes, and the headers undecoded."""
    flags, position, values = struct.unpack(">H", data[:2])[0], 2, {}
    for index, name in enumerate(PROPERTIES):
        if not flags & 1 << (15 - index):
            continue
        if name == "headers":
            size, position = struct.unpack(">I", data[position:position + 4])[0], position + 4
        elif name in ("delivery_mode", "priority"):
            size = 1
        elif name == "timestamp":
            size = 8
        else:
            size, position = data[position], position + 1
        values[name] = data[position:position + size]
        position += size
    return values


class Closed(Exception):
    """The broker closed the channel or the connection, for the reason in the text."""


class Connection:
    """One connection with one channel. After `Closed` it is of no further use."""

    def __init__(self, url):
        parts = urllib.parse.urlparse(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), 30)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(b"AMQP\0\0\x09\x01")
        self._expect(10, 10)
        plain = f"\0{parts.username}\0{parts.password}".encode()
        self._method(0, 10, 11, long(b"") + short("PLAIN") + long(plain) + short("en_US"))
        tune = self._expect(10, 30)
        _, self.frame_max, _ = struct.unpack(">HIH", tune[:8])
        self._method(0, 10, 31, struct.pack(">HIH", 1, self.frame_max, 0))
        self._method(0, 10, 40, short(urllib.parse.unquote(parts.path[1:]) or "/") + short("") + b"\0")
        self._expect(10, 41)
        self._method(1, 20, 10, short(""))
        self._expect(20, 11)

    def close(self):
        self.socket.close()

    def _expect(self, class_id, method_id):
        while True:
            kind, payload = self._frame()
            if kind != METHOD:
                continue
            method = struct.unpack(">HH", payload[:4])
            if method == (class_id, method_id):
                return payload[4:]
            self._raise_if_closed(method, payload)

    def _raise_if_closed(self, method, payload):
        if method in ((10, 50), (20, 40)):
            code, length = struct.unpack(">HB", payload[4:7])
            self.close()
            raise Closed(f"{code} {payload[7:7 + length].decode(errors='replace')}")

    def _method(self, channel, class_id, method_id, arguments):
        self._send(METHOD, channel, struct.pack(">HH", class_id, method_id) + arguments)

    def _send(self, kind, channel, payload):
        try:
            self.socket.sendall(struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce")
        except OSError as error:
            raise Closed(str(error)) from error

    def _frame(self):
        try:
            head = self.stream.read(7)
            if len(head) < 7:
                raise Closed("the broker closed the connection")
            kind, _, length = struct.unpack(">BHI", head)
            payload = self.stream.read(length + 1)
        except OSError as error:
            raise Closed(str(error)) from error
        return kind, payload[:-1]


class Publisher(Connection):
    """Publishes with confirms."""

    def __init__(self, url):
        super().__init__(url)
        self._method(1, 85, 10, b"\0")
        self._expect(85, 11)

    def publish(self, exchange, key, properties, body):
        """Publishes as mandatory and waits: "confirmed", "returned" or "refused"; raises Closed."""
        self._method(1, 60, 40, struct.pack(">H", 0) + short(exchange) + short(key) + b"\x01")
        header = struct.pack(">HHQ", 60, 0, len(body)) + encode_properties(properties)
        self._send(HEADER, 1, header)
        room = self.frame_max - 8
        for start in range(0, len(body), room):
            self._send(BODY, 1, body[start:start + room])
        returned = False
        while True:
            kind, payload = self._frame()
            if kind != METHOD:
                continue
            method = struct.unpack(">HH", payload[:4])
            if method == (60, 50):
                returned = True
            elif method == (60, 80):
                return "returned" if returned else "confirmed"
            elif method == (60, 120):
                return "refused"
            else:
                self._raise_if_closed(method, payload)


class Reader(Connection):
    """Reads queues without acknowledgements: what is read twice was published twice."""

    def __init__(self, url, queues):
        super().__init__(url)
        self.socket.settimeout(None)
        for name in queues:
            self._method(1, 60, 20, struct.pack(">H", 0) + short(name) + short(name) + b"\x02" + long(b""))
        self.ready = []
        for _ in queues:
            self._await_consumer()

    def read(self):
        """(queue, properties, body) of the next message; raises Closed at the end."""
        if self.ready:
            return self.ready.pop(0)
        while True:
            payload = self._next_method()
            if payload[:4] == struct.pack(">HH", 60, 60):
                return self._message(payload)

    def _await_consumer(self):
        while True:
            payload = self._next_method()
            if payload[:4] == struct.pack(">HH", 60, 21):
                return
            if payload[:4] == struct.pack(">HH", 60, 60):
                self.ready.append(self._message(payload))

    def _next_method(self):
        while True:
            kind, payload = self._frame()
            if kind == METHOD:
                self._raise_if_closed(struct.unpack(">HH", payload[:4]), payload)
                return payload

    def _message(self, payload):
        tag = payload[5:5 + payload[4]]
        header = self._content_frame(HEADER)
        size, body = struct.unpack(">Q", header[4:12])[0], bytearray()
        while len(body) < size:
            body += self._content_frame(BODY)
        return tag.decode(), decode_properties(header[12:]), bytes(body)

    def _content_frame(self, wanted):
        while True:
            kind, payload = self._frame()
            if kind == wanted:
                return payload
