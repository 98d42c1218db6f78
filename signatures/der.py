"""Reading and writing ASN.1 as slices of the original bytes: what was signed is never re-encoded.

DER and the BER found in the wild (indefinite lengths, strings in pieces, unsorted SETs) are read
alike. Every fault is a `DerError`; nothing else leaves this module whatever the input.
"""

import binascii
import datetime
import re
from functools import lru_cache

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 1, 2, 3, 4, 5, 6
ENUMERATED, UTF8, PRINTABLE, IA5, UTC_TIME, GENERALIZED_TIME, BMP = 10, 12, 19, 22, 23, 24, 30
SEQUENCE, SET = 0x30, 0x31

MAX_DEPTH = 40
MAX_CHILDREN = 200_000


class DerError(ValueError):
    """The bytes are not the structure expected here."""


class Node:
    """One value: its tag, and where its header, body and end lie in the buffer."""

    __slots__ = ("_children", "body", "buffer", "end", "start", "stop", "tag")

    body: int
    stop: int
    end: int

    def __init__(self, buffer: memoryview, start: int, limit: int, depth: int = 0) -> None:
        if depth > MAX_DEPTH:
            raise DerError("nested too deeply")
        if start + 2 > limit:
            raise DerError("truncated")
        tag = buffer[start]
        if tag & 0x1F == 0x1F:
            raise DerError("long tag")
        length = buffer[start + 1]
        body = start + 2
        self.buffer, self.start, self.tag = buffer, start, tag
        self._children: list[Node] | None = None
        if length == 0x80:
            if not tag & 0x20:
                raise DerError("indefinite length of a primitive value")
            found: list[Node] = []
            position = body
            while True:
                if position + 2 > limit:
                    raise DerError("truncated")
                if buffer[position] == 0 and buffer[position + 1] == 0:
                    break
                if len(found) >= MAX_CHILDREN:
                    raise DerError("too many values")
                child = Node(buffer, position, limit, depth + 1)
                found.append(child)
                position = child.end
            self.body, self.stop, self.end = body, position, position + 2
            self._children = found
            return
        if length & 0x80:
            count = length & 0x7F
            if count > 8 or body + count > limit:
                raise DerError("bad length")
            length = int.from_bytes(buffer[body : body + count], "big")
            body += count
        if body + length > limit:
            raise DerError("truncated")
        self.body = body
        self.stop = self.end = body + length

    # ── slices ───────────────────────────────────────────────────────────────
    @property
    def raw(self) -> bytes:
        return bytes(self.buffer[self.start : self.end])

    @property
    def content(self) -> bytes:
        return bytes(self.buffer[self.body : self.stop])

    def __len__(self) -> int:
        return self.stop - self.body

    # ── structure ────────────────────────────────────────────────────────────
    @property
    def children(self) -> list["Node"]:
        if self._children is None:
            if not self.tag & 0x20:
                raise DerError("a primitive value has no parts")
            found: list[Node] = []
            position = self.body
            while position < self.stop:
                if len(found) >= MAX_CHILDREN:
                    raise DerError("too many values")
                child = Node(self.buffer, position, self.stop)
                found.append(child)
                position = child.end
            self._children = found
        return self._children

    def expect(self, *tags: int) -> "Node":
        if self.tag not in tags:
            raise DerError(f"tag {self.tag:#x} where {tags[0]:#x} belongs")
        return self

    def parts(self, at_least: int = 0, tag: int = SEQUENCE) -> list["Node"]:
        """The children of a SEQUENCE (or another constructed tag), at least so many."""
        found = self.expect(tag).children
        if len(found) < at_least:
            raise DerError("a part is missing")
        return found

    def inner(self) -> "Node":
        """The single value inside an explicit tag or an OCTET STRING."""
        position = self.body
        node = Node(self.buffer, position, self.stop)
        if node.end != self.stop:
            raise DerError("more than one value inside")
        return node

    # ── values ───────────────────────────────────────────────────────────────
    @property
    def oid(self) -> str:
        self.expect(OID)
        return _oid(self.content)

    @property
    def number(self) -> int:
        self.expect(INTEGER, ENUMERATED)
        if not len(self) or len(self) > 4096:
            raise DerError("a number of impossible size")
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def flag(self) -> bool:
        self.expect(BOOLEAN)
        return self.content != b"\0"

    @property
    def bits(self) -> bytes:
        """A BIT STRING of whole octets."""
        content = self.expect(BIT_STRING).content
        if not content or content[0]:
            raise DerError("a bit string of broken octets")
        return content[1:]

    def octets(self, depth: int = 0) -> bytes:
        """An OCTET STRING, joined when it comes in pieces (BER)."""
        if not self.tag & 0x20:
            return self.content
        if depth > MAX_DEPTH:
            raise DerError("nested too deeply")
        return b"".join(child.octets(depth + 1) for child in self.children)

    def views(self, depth: int = 0) -> list[memoryview]:
        """The same without copying: the pieces of a possibly very large OCTET STRING."""
        if not self.tag & 0x20:
            return [self.buffer[self.body : self.stop]]
        if depth > MAX_DEPTH:
            raise DerError("nested too deeply")
        return [view for child in self.children for view in child.views(depth + 1)]

    @property
    def text(self) -> str:
        """Any character string; undecodable bytes become U+FFFD rather than a refusal."""
        if self.tag & 0x20:
            raise DerError("not a character string")
        if self.tag == BMP:
            return self.content.decode("utf-16-be", "replace")
        return self.content.decode("utf-8", "replace")

    @property
    def time(self) -> datetime.datetime:
        """UTCTime or GeneralizedTime as an aware instant."""
        self.expect(UTC_TIME, GENERALIZED_TIME)
        return parse_time(self.content, short=self.tag == UTC_TIME)


_CLOCK = rb"(\d{4})(\d\d)?(?:[.,](\d{1,9}))?(Z|[+-]\d{4})"
_UTC_TIME = re.compile(rb"(\d{6})" + _CLOCK)
_GENERALIZED_TIME = re.compile(rb"(\d{8})" + _CLOCK)


def parse_time(value: bytes, *, short: bool) -> datetime.datetime:
    """A moment as ASN.1 writes it; the two-digit year turns at 1950 (RFC 5280 4.1.2.5.1)."""
    found = (_UTC_TIME if short else _GENERALIZED_TIME).fullmatch(value)
    if not found:
        raise DerError("not a moment in time")
    date, clock, second, fraction, zone = found.groups()
    if short:
        date = (b"19" if int(date[:2]) >= 50 else b"20") + date
    try:
        moment = datetime.datetime(
            int(date[:4]),
            int(date[4:6]),
            int(date[6:8]),
            int(clock[:2]),
            int(clock[2:4]),
            int(second or 0),
            int((fraction or b"0").ljust(6, b"0")[:6]),
            tzinfo=datetime.UTC,
        )
        if zone != b"Z":
            shift = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
            moment = moment - shift if zone[:1] == b"+" else moment + shift
    except (ValueError, OverflowError) as error:
        raise DerError("not a moment in time") from error
    return moment


@lru_cache(maxsize=2048)
def _oid(content: bytes) -> str:
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise DerError("not an object identifier")
    arcs: list[int] = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def parse(data: bytes | bytearray | memoryview, *, trailing: bool = False) -> Node:
    """The one value in `data`. Bytes after it are an error unless `trailing` allows them.

    Raises:
        DerError: not one whole value.
    """
    view = memoryview(data).cast("B")
    node = Node(view, 0, len(view))
    if not trailing and node.end != len(view):
        raise DerError("bytes after the value")
    return node


_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")
_BEGIN, _DASHES, _END = map(re.compile, (rb"-----BEGIN", rb"-----", rb"-----END "))
_SPACE = b" \t\r\n\v\f"
_BOM = b"\xef\xbb\xbf"
_PIECE = 1024 * 1024


def unarmour(data: bytes | memoryview) -> bytes | memoryview:
    """Binary from what people send: PEM, bare base64 text, a byte-order mark, or already binary."""
    head = bytes(data[:64]).lstrip(_BOM + _SPACE)
    if head[:1] == b"\x30":
        # '0' is also a base64 letter: binary wins when it parses as a header
        try:
            Node(memoryview(data), 0, len(data))
        except DerError:
            pass
        else:
            return data
    if not head.startswith(b"-----BEGIN") and not _BASE64.match(head):
        return data
    body = memoryview(data)[3 if bytes(data[:3]) == _BOM else 0 :]
    if head.startswith(b"-----BEGIN"):
        # Found step by step: one pattern over the whole would walk to the end from every BEGIN.
        begin = _BEGIN.search(body)
        start = begin and _DASHES.search(body, begin.end())
        end = start and _END.search(body, start.start())
        if not start or not end:
            return data
        body = body[start.end() : end.start()]
    decoded = _from_base64(body)
    return data if decoded is None or bytes(decoded[:1]) != b"\x30" else decoded


def _from_base64(text: memoryview) -> memoryview | None:
    """What base64 text stands for; None for other text. Padding may be absent.

    Piece by piece: the text may be a hundred megabytes.
    """
    decoded, rest = bytearray(), b""
    try:
        for start in range(0, len(text), _PIECE):
            rest += bytes(text[start : start + _PIECE]).translate(None, _SPACE)
            if (padding := rest.find(b"=")) >= 0:  # it ends the text: two at most, then space
                if len(rest) - padding > 2:
                    return None
                continue
            whole = len(rest) // 4 * 4
            decoded += binascii.a2b_base64(rest[:whole], strict_mode=True)
            rest = rest[whole:]
        if rest:
            decoded += binascii.a2b_base64(rest + b"=" * (-len(rest) % 4), strict_mode=True)
    except binascii.Error:
        return None
    return memoryview(decoded)


# ── writing: requests, the demo authority, tests ─────────────────────────────
def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    length = len(body)
    if length < 0x80:
        head = bytes([tag, length])
    else:
        size = (length.bit_length() + 7) // 8
        head = bytes([tag, 0x80 | size]) + length.to_bytes(size, "big")
    return head + body


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """A SET OF in DER order."""
    return tlv(SET, *sorted(parts))


def integer(value: int, tag: int = INTEGER) -> bytes:
    size = max(1, (value.bit_length() + 8) // 8)
    return tlv(tag, value.to_bytes(size, "big", signed=True))


def octet_string(value: bytes) -> bytes:
    return tlv(OCTET_STRING, value)


def bit_string(value: bytes, unused: int = 0) -> bytes:
    return tlv(BIT_STRING, bytes([unused]), value)


def boolean(value: bool) -> bytes:
    return tlv(BOOLEAN, b"\xff" if value else b"\0")


def null() -> bytes:
    return tlv(NULL)


@lru_cache(maxsize=1024)
def oid(dotted: str) -> bytes:
    arcs = [int(arc) for arc in dotted.split(".")]
    out = bytearray()
    for arc in [40 * arcs[0] + arcs[1], *arcs[2:]]:
        piece = [arc & 0x7F]
        while arc := arc >> 7:
            piece.append(arc & 0x7F | 0x80)
        out += bytes(reversed(piece))
    return tlv(OID, bytes(out))


def utf8(value: str) -> bytes:
    return tlv(UTF8, value.encode())


def printable(value: str) -> bytes:
    return tlv(PRINTABLE, value.encode("ascii"))


def ia5(value: str) -> bytes:
    return tlv(IA5, value.encode("ascii"))


def moment(value: datetime.datetime) -> bytes:
    """UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5)."""
    value = value.astimezone(datetime.UTC)
    if 1950 <= value.year < 2050:
        return tlv(UTC_TIME, value.strftime("%y%m%d%H%M%SZ").encode())
    return generalized(value)


def generalized(value: datetime.datetime) -> bytes:
    return tlv(GENERALIZED_TIME, value.astimezone(datetime.UTC).strftime("%Y%m%d%H%M%SZ").encode())


def explicit(number: int, *parts: bytes) -> bytes:
    return tlv(0xA0 | number, *parts)


def implicit(number: int, value: bytes) -> bytes:
    """`value` (a whole TLV) under the context tag instead of its own."""
    return bytes([0x80 | (value[0] & 0x20) | number]) + value[1:]


def named_bits(*positions: int) -> bytes:
    """A named bit list such as keyUsage, trailing zero bits removed."""
    size = max(positions) + 1
    value = sum(1 << (size - 1 - p) for p in positions)
    unused = -size % 8
    return bit_string((value << unused).to_bytes((size + 7) // 8, "big"), unused)
