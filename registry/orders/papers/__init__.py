"""Documents for people: an order as PDF/A, to be signed, and with the visible mark of its signature
(F074).

Drawn from the signed rows and head alone, so that paper and signature cannot disagree.
"""

from __future__ import annotations

import datetime
import io
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import orjson
import segno
import typst

from kernel import clock
from registry.orders.selectors.orders import OrderView
from registry.process import AnyProcess, NamedRow, kind
from signatures.models import SigningSession

_TEMPLATE = Path(__file__).with_name("order.typ")
_REPORT = Path(__file__).with_name("report.typ")
# Archivable, and readable by a screen reader: ISO 19005-2 level A and ISO 14289-1.
# Beyond Latin, Cyrillic and the punctuation of texts.
_DRAWN_NOWHERE = re.compile(
    "[^\\n -~\u00a0-\u017f\u02bc\u0400-\u04ff\u2010-\u2027\u2030-\u203a\u20ac\u20b4\u2116]"
)
STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]


def order_paper(
    document: Mapping[str, Any],
    process: AnyProcess,
    rows: Sequence[NamedRow],
    *,
    made_at: datetime.datetime,
) -> bytes:
    """The order as PDF/A-2a before anybody signed it: one of the files that the signature covers."""
    return drawn(_text(document, process, rows), made_at)


def order_pdf(shown: OrderView, address: str) -> bytes:
    """The signed order as PDF/A-2a with its mark; the same bytes every time.

    address: where anyone can check it, printed as a QR code.

    Raises:
        ValueError: the order is not signed.
    """
    signed_at = shown.session.signed_at
    if signed_at is None:
        raise ValueError("not signed")
    data = _text(shown.document, kind(shown.order.kind), shown.rows) | mark(
        shown.session, shown.document["institution"]["name"], shown.session.code, address
    )
    return drawn(data, signed_at, address)


def report_paper(data: Mapping[str, Any], when: datetime.datetime) -> bytes:
    """What became of every row of a table, as PDF/A-2a."""
    made = f"{clock.local(when):%d.%m.%Y %H:%M}"
    return drawn({**data, "made": made}, when, template=_REPORT)


def drawn(
    data: Mapping[str, Any],
    when: datetime.datetime,
    address: str = "",
    template: Path = _TEMPLATE,
) -> bytes:
    """The template filled in; `address` makes the QR code."""
    day = clock.local(when)
    data = {**data, "day": [day.year, day.month, day.day]}
    # A folder in memory; typst's stubs know single files only.
    files: Any = {"main": template.read_bytes(), "data.json": orjson.dumps(data)}
    if address:
        picture = io.BytesIO()
        segno.make(address, error="m").save(picture, kind="svg", border=2, xmldecl=False)
        files["qr.svg"] = picture.getvalue()
    compiler = _compiler()
    moment = int(when.timestamp())
    try:
        made = compiler.compile(
            files, format="pdf", pdf_standards=list(STANDARDS), timestamp=moment
        )
    except typst.TypstError:
        # An archive accepts no sign that the fonts lack; the signed bytes keep it.
        files["data.json"] = _DRAWN_NOWHERE.sub("□", files["data.json"].decode()).encode()
        made = compiler.compile(
            files, format="pdf", pdf_standards=list(STANDARDS), timestamp=moment
        )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single file")
    return made


_kept = threading.local()


def _compiler() -> typst.Compiler:
    """The typesetter of this thread: a new one reads its fonts anew, which takes as long as a page.

    Only the fonts within typst: a server's own would change the document.
    """
    if not hasattr(_kept, "compiler"):
        _kept.compiler = typst.Compiler(ignore_system_fonts=True)
    compiler: typst.Compiler = _kept.compiler
    return compiler


def _text(
    document: Mapping[str, Any], process: AnyProcess, rows: Sequence[NamedRow]
) -> dict[str, Any]:
    issued_on = datetime.date.fromisoformat(document["date"])
    return {
        **{key: document[key] for key in ("institution", "title", "preamble", "points", "signer")},
        "heading": f"Наказ № {document['number']} від {issued_on:%d.%m.%Y}",
        "number": document["number"],
        "date": f"{issued_on:%d.%m.%Y}",
        "ground": document["ground"].rstrip("."),
        "columns": [heading for heading, _ in process.columns_of_paper],
        "rows": [
            [
                str(row.no),
                row.full_name,
                *(cell(row) for _, cell in process.columns_of_paper),
            ]
            for row in rows
        ],
        "stamp": None,
    }


def mark(session: SigningSession, body: str, code: str, address: str) -> dict[str, Any]:
    """The visible mark of a signature (F074), and where anyone checks the paper by its code."""
    moment = f"{clock.local(session.signed_at):%d.%m.%Y %H:%M}" if session.signed_at else ""
    return {
        "stamp": {
            "body": body.upper(),
            "mark": f"КЕП: {_short_name(session.signer_name)} {moment}",
            "signer": session.signer_name,
            "serial": session.certificate_serial.upper(),
            "validity": _validity(session.result),
        },
        "address": address,
        "shown_address": address.rpartition("://")[2],
        "code": "-".join(code[i : i + 4] for i in range(0, len(code), 4)),
    }


def _short_name(full: str) -> str:
    surname, *given = full.split() or [""]
    return " ".join([surname.upper(), *(f"{part[0]}." for part in given)])


def _validity(result: dict[str, Any] | None) -> str:
    signers = (result or {}).get("signers") or [{}]
    certificate = signers[0].get("certificate") or {}
    start, end = certificate.get("not_before"), certificate.get("not_after")
    if not start or not end:
        return ""
    first, last = (
        f"{clock.local(datetime.datetime.fromisoformat(text)):%d.%m.%Y %H:%M:%S}"
        for text in (start, end)
    )
    return f"Дійсний: з {first} по {last}"
