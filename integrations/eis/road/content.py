"""What a paper of the road says: its facts in codes, and in the words of the paper that is signed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accounts.actors import Actor
from accounts.roles import Dataset
from integrations.eis.models import EisSystem, Operator
from integrations.eis.states import Function, Paper, TrialReason
from kernel import clock
from registry.orders.papers import drawn
from signatures.api import Package, build_package

PAPER = "dokument.pdf"
_PAPER = Path(__file__).parent / "road.typ"
SCHEMA = "aikom.eis.road/1"


def frozen(
    kind: str,
    system: EisSystem,
    operator: Operator,
    facts: Mapping[str, Any],
    actor: Actor,
    now: datetime.datetime,
    attached: Mapping[str, bytes],
) -> Package:
    """The bytes to sign: the document, its paper and what is attached to it."""
    document = {
        "type": "eis_road",
        "schema": SCHEMA,
        "kind": kind,
        "system": {"id": str(system.uid), "name": system.name, "site": system.site},
        "operator": {"name": operator.name, "code": operator.code},
        "institution": {
            "name": actor.unit_name,
            "edrpou": operator.code if kind != Paper.CONCLUSION else "",
        },
        "title": Paper(kind).label,
        "number": "",
        "facts": dict(facts),
        "signer": actor.full_name,
        "for": actor.unit_name,
        "date": clock.day_of(now).isoformat(),
    }
    paper = drawn(_shown(document), now, template=_PAPER)
    return build_package(document, [], {PAPER: paper, **attached})


def _day(text: str) -> str:
    return f"{datetime.date.fromisoformat(text):%d.%m.%Y}"


def _shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as its paper says it."""
    kind, facts = document["kind"], document["facts"]
    return {
        "title": Paper(kind).label,
        "from": document["for"],
        "code": document["operator"]["code"] if kind != Paper.CONCLUSION else "",
        "date": _day(document["date"]),
        "signer": document["signer"],
        "text": _text(kind, document, facts),
        "lists": [{"title": title, "items": items} for title, items in lists(kind, facts) if items],
    }


def _text(kind: str, document: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    system = f"«{document['system']['name']}»"
    operator = document["operator"]["name"]
    if kind == Paper.APPLICATION:
        return [
            f"Прошу протестувати освітню інформаційну систему {system} на відповідність технічним "
            f"вимогам (редакція {facts['requirements']}) і підключити її до центральної бази даних "
            "(пункт 18 Положення про АІКОМ).",
            *_said(facts.get("about")),
        ]
    if kind == Paper.FUNCTIONS:
        return [
            f"Повідомляю про зміну функціональних можливостей системи {system} і прошу протестувати "
            "її повторно без зупинення підключення (пункт 22 Положення про АІКОМ).",
            *_said(facts.get("about")),
        ]
    if kind == Paper.JOIN:
        return [
            f"Приєднуюся до договору про взаємодію з центральною базою даних у редакції № "
            f"{facts['text']} для системи {system} (пункт 20 Положення про АІКОМ). Із текстом "
            "договору ознайомлений."
        ]
    if kind == Paper.TRANSFER:
        return [
            f"Право власності на систему {system} передано мені {_day(facts['transferred_on'])}. "
            f"Прошу укласти зі мною договір у редакції № {facts['text']} (пункт 24 Положення про "
            "АІКОМ). Із текстом договору ознайомлений.",
            *_said(facts.get("about")),
        ]
    if kind == Paper.LEAVE:
        return [
            f"Прошу відключити систему {system} від центральної бази даних (пункт 29 Положення про "
            "АІКОМ).",
            *_said(facts.get("about")),
        ]
    verdict = (
        "відповідає технічним вимогам" if facts["positive"] else "не відповідає технічним вимогам"
    )
    text = [
        f"За результатами тестування системи {system} (оператор: {operator}) встановлено, що вона "
        f"{verdict}.",
        f"Підстава тестування: {TrialReason(facts['reason']).label.lower()}. Проведено з "
        f"{_day(facts['since'])} до {_day(facts['ended_on'])}.",
        *_said(facts.get("about")),
    ]
    if facts["needs_contract"]:
        text.append("Зміни застосовуються з дня укладення договору в новій редакції (пункт 22).")
    if not facts["positive"]:
        text.append("Після усунення невідповідностей заяву можна подати повторно (пункт 19).")
    return text


def _said(words: str | None) -> list[str]:
    return [words] if words else []


def lists(kind: str, facts: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What a paper lists: titles and lines."""
    found = []
    if "functions" in facts:
        found.append(
            ("Функціональні можливості", [Function(one).label for one in facts["functions"]])
        )
        found.append(("Записує до бази", [Dataset(one).label for one in facts["writes"]]))
    if kind == Paper.CONCLUSION:
        found.append(
            (
                "Невідповідності та пропозиції щодо їх усунення",
                [f"{one['mismatch']} — {one['proposal']}" for one in facts["findings"]],
            )
        )
    found.append(("Додатки", [one["name"] for one in facts.get("attached", [])]))
    return found
