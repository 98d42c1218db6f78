"""The road in words: tags of states, the band of stages, steps of the timeline."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse

from integrations.eis.models import EisSystem, RoadStep
from integrations.eis.road.selectors import Road
from integrations.eis.states import SAID, WORKING, Paper, SystemState, TrialReason
from kernel.ui.listing import Tag

_BAD = (SystemState.SUSPENDED, SystemState.DISCONNECTED, SystemState.CONCLUSION_NEGATIVE)
_DONE = frozenset({"publish", "contract", "conclude_positive", "restore", "pass_on", "retested"})
_BAND = (
    ("Заява", (SystemState.DRAFT, SystemState.SUBMITTED)),
    ("Тестування", (SystemState.TESTING, SystemState.TEST_DONE, SystemState.CONCLUSION_NEGATIVE)),
    ("Атестат", (SystemState.AWAITING_KSZI,)),
    (
        "Договір",
        (SystemState.CONCLUSION_POSITIVE, SystemState.JOIN_APPLIED, SystemState.CONTRACTED),
    ),
    ("Підключено", WORKING),
)


def state_tag(system: EisSystem) -> Tag:
    """The state with its look."""
    look = "good" if system.state in WORKING else "bad" if system.state in _BAD else "note"
    return Tag(SystemState(system.state).label, look)


def stages(system: EisSystem) -> list[dict[str, Any]]:
    """The band of the road; empty for whom it is broken off."""
    place = next((n for n, (_, states) in enumerate(_BAND) if system.state in states), None)
    if place is None:
        return []
    last = len(_BAND) - 1
    return [
        {
            "label": label,
            "url": "",
            "state": "done"
            if n < place or n == place == last
            else "now"
            if n == place
            else "later",
        }
        for n, (label, _) in enumerate(_BAND)
    ]


def facts_of(road: Road, today: datetime.date) -> list[tuple[str, Any]]:
    """What stands now: terms, contract, attestation, operator."""

    def day(value: datetime.date | None) -> str:
        return f"{value:%d.%m.%Y}" if value else ""

    trial, contract = road.trial, road.contract
    due = day(road.system.due_on)
    if road.system.due_on is not None and road.system.due_on < today:
        due += ", строк минув"
    return [
        ("Стан із", day(road.system.state_since)),
        ("Підстава", road.system.state_ground),
        ("Крок завершити до", due),
        ("Підстава тестування", TrialReason(trial.reason).label if trial else ""),
        (
            "Новий оператор",
            f"{road.transfer.to_name}, заява до {day(road.transfer.due_on)}"
            if road.transfer
            else "",
        ),
        (
            "Договір",
            f"№ {contract.number} від {day(contract.concluded_on)}, редакція № {contract.text.number}"
            if contract
            else "",
        ),
        (
            "Захист інформації",
            f"{road.attestation.get_kind_display()} № {road.attestation.number}, діє до "
            f"{day(road.attestation.valid_to)}"
            if road.attestation
            else "",
        ),
        ("Оприлюднено", day(road.system.published_on)),
        ("Джерело", road.system.source),
        ("Вебсайт", road.system.site),
    ]


def shown_steps(road: Road) -> list[dict[str, Any]]:
    """The timeline: what was done, by whom, on what ground and paper."""
    return [_step(one) for one in road.steps]


def _step(one: RoadStep) -> dict[str, Any]:
    said = SAID[one.step]
    lines = [f"{one.clause} Положення"]
    if one.words:
        lines.append(one.words)
    if one.document:
        lines.append(f"Документ: {one.document}")
    return {
        "when": f"{one.on:%d.%m.%Y}",
        "who": f"{one.by.user.short_name}, {one.by.unit.name}" if one.by else "за строком",
        "title": said.words,
        "lines": lines,
        "act": one.step in _DONE,
        "paper": (Paper(one.paper.kind).label, reverse("eis_paper", args=[one.paper_id]))
        if one.paper
        else None,
    }
