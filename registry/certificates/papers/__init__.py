"""Certificates of study as PDF/A, drawn from the signed head and rows alone."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kernel.tables import dates
from kernel.text import years
from registry.orders.papers import drawn, mark
from signatures.models import SigningSession

_TEMPLATE = Path(__file__).with_name("certificate.typ")


def papers(
    document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, made_at: datetime.datetime
) -> bytes:
    """All of them before anybody signed, a page each: one of the files that the signature covers."""
    return drawn(_text(document, rows), made_at, template=_TEMPLATE)


def paper(
    document: Mapping[str, Any], row: Mapping[str, Any], session: SigningSession, address: str
) -> bytes:
    """One of them with the mark of the signature and a code of its own; the same bytes every time.

    Raises:
        ValueError: not signed.
    """
    if session.signed_at is None:
        raise ValueError("not signed")
    data = _text(document, [row]) | mark(
        session, document["institution"]["name"], row["code"], address
    )
    return drawn(data, session.signed_at, address, template=_TEMPLATE)


def facts(document: Mapping[str, Any], row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a certificate says, as the paper has it; the public page tells no more."""
    until = row["valid_until"]
    return [
        ("Заклад", document["institution"]["name"]),
        ("Довідка", f"№ {row['number']} від {day(document['date'])}"),
        ("Прізвище, імʼя, по батькові", full_name(row)),
        ("Дата народження", day(row["born_on"])),
        ("Клас", row["class"]),
        ("Навчальний рік", years(document["school_year"])),
        ("Форма здобуття освіти", row["form"]),
        ("Навчається у закладі з", day(row["since"]) if row["since"] else ""),
        ("Для подання", row["recipient"] or "за місцем вимоги"),
        ("Для чого", row["purpose"]),
        ("Дійсна до", day(until) if until else ""),
    ]


def full_name(row: Mapping[str, Any]) -> str:
    """Surname, name and patronymic, as in documents."""
    parts = (row["surname"], row["given_name"], row["patronymic"])
    return " ".join(part for part in parts if part)


def _text(document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    issued = day(document["date"])
    return {
        **{key: document[key] for key in ("institution", "signer")},
        "heading": f"{document['title']} № {document['number']} від {issued}",
        "date": issued,
        "year": years(document["school_year"]),
        "certificates": [
            {
                "number": str(row["number"]),
                "name": full_name(row),
                "born_on": day(row["born_on"]),
                "class": row["class"],
                "form": row["form"].lower(),
                "since": day(row["since"]) if row["since"] else "",
                "recipient": row["recipient"],
                "purpose": row["purpose"].rstrip("."),
                "valid_until": day(row["valid_until"]) if row["valid_until"] else "",
            }
            for row in rows
        ],
        "stamp": None,
    }


def day(text: str) -> str:
    """A day of the signed bytes as people read it."""
    return dates.show(datetime.date.fromisoformat(text))
