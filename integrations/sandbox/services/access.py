"""The register's side: an operator takes a sandbox, the administrator drafts the conclusion from it.

Nothing of a sandbox is kept in the register but that it was given; its passages are asked for over HTTP,
never inside a transaction.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from accounts.actors import Actor
from integrations.eis import policies
from integrations.eis.models import EisSystem, RoadPaper
from integrations.eis.road import selectors
from integrations.eis.road.services import testing
from integrations.sandbox import control
from integrations.sandbox.errors import SandboxSilent
from integrations.sandbox.events import SandboxGiven
from kernel import audit
from kernel.clock import Moment
from kernel.db import command

LONGEST_ABOUT = 4000


def take_sandbox(*, actor: Actor, system_uid: uuid.UUID, moment: Moment) -> control.Access:
    """A sandbox school for the actor's own system, with the only key of it that works.

    Raises:
        NotAllowed: the actor is no operator.
        NotFound: another's system.
        SandboxSilent: there is no sandbox here, or it does not answer.
    """
    system = selectors.of_operator(actor, system_uid, moment.today).system
    access = control.make(system)
    _note_given(actor=actor, system=system)
    return access


@command
def _note_given(*, actor: Actor, system: EisSystem) -> None:
    """Note to whom a sandbox was given."""
    audit.record(SandboxGiven(subject=system.pk, name=system.name))


@dataclasses.dataclass(frozen=True)
class Passages:
    """A system's sandbox as it stands; `silent` when it could not be asked."""

    school: str | None
    runs: list[dict[str, Any]]
    silent: SandboxSilent | None = None

    @property
    def ended(self) -> dict[str, Any] | None:
        """The latest passage that has a verdict."""
        return next((one for one in self.runs if one["passed"] is not None), None)


def passages(system: EisSystem) -> Passages:
    """What the sandbox tells of a system that the caller may see."""
    try:
        told = control.results(system.uid)
    except SandboxSilent as silent:
        return Passages(None, [], silent)
    return Passages(told["school"], told["runs"])


def draft(*, actor: Actor, system_uid: uuid.UUID, version: int, moment: Moment) -> RoadPaper:
    """The conclusion as the latest passage says it, before the administrator to be signed: each task that
    was not passed is a mismatch with its evidence, the whole passage is signed with it.

    Raises:
        NotAllowed, NotFound, StaleVersion.
        WrongTransition: the test has not ended.
        SandboxSilent: no passage with a verdict, or the sandbox does not answer.
    """
    policies.govern_systems.require(actor)
    system = selectors.of_administrator(actor, system_uid, moment.today).system
    found = passages(system)
    if found.silent is not None:
        raise found.silent
    run = found.ended
    if run is None:
        raise SandboxSilent("Оператор ще не пройшов тестової програми до кінця.")
    return testing.conclude(
        actor=actor,
        system_uid=system_uid,
        version=version,
        positive=bool(run["passed"]),
        findings=findings(run),
        about=about(run),
        protocol=orjson.dumps(run, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS),
        moment=moment,
    )


def findings(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Mismatch and proposal of each task that was not passed."""
    return [
        (
            f"{one['title']}. {' '.join(one['evidence'])}"[: testing.LONGEST],
            one["proposal"],
        )
        for one in run["tasks"]
        if one["state"] == "FAILED"
    ]


def about(run: Mapping[str, Any]) -> str:
    """What was tried, in one paragraph."""
    done = [one["title"] for one in run["tasks"] if one["state"] == "PASSED"]
    skipped = [one["title"] for one in run["tasks"] if one["state"] == "SKIPPED"]
    text = (
        f"Тестова програма, редакція {run['edition']}, проходження № {run['run']}. "
        f"Виконано: {'; '.join(done) or 'нічого'}."
    )
    if skipped:
        text += f" Не стосується, бо запису не заявлено: {'; '.join(skipped)}."
    return text[:LONGEST_ABOUT]
