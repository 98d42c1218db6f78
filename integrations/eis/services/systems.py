"""The register of systems: taking in the known ones, suspending and restoring (п.28–30)."""

from __future__ import annotations

import datetime
import tomllib
import uuid
from collections.abc import Collection
from pathlib import Path

from accounts.actors import Actor
from accounts.roles import WRITES
from integrations.eis import errors, policies
from integrations.eis.bell import wake
from integrations.eis.events import (
    NothingNew,
    SystemRegistered,
    SystemRestored,
    SystemSuspended,
    WritesDeclared,
)
from integrations.eis.models import EisSystem, Operator
from integrations.eis.states import SUSPENSION_GROUNDS, WORKING, SystemState
from kernel import audit
from kernel.db import command
from kernel.errors import Invalid, NotFound, Problem, StaleVersion

KNOWN = Path(__file__).resolve().parents[1] / "data" / "systems_2024_05.toml"


@command
def register_known(*, actor: Actor) -> int:
    """Take in the nine systems named by the ministry's letter of 23.05.2024 № 1/9095-24, in their
    states of that day. Systems already in the register are left as they are. Returns how many
    were added.

    Raises:
        NotAllowed: the actor does not govern systems.
    """
    policies.govern_systems.require(actor)
    listed = tomllib.loads(KNOWN.read_text(encoding="utf-8"))
    added = 0
    for row in listed["systems"]:
        if EisSystem.objects.filter(name=row["name"]).exists():
            continue
        operator, _ = Operator.objects.get_or_create(name=row["operator"])
        system = EisSystem.objects.create(
            operator=operator,
            name=row["name"],
            state=row["state"],
            state_since=listed["as_of"],
            state_ground=listed["source"],
        )
        audit.record(SystemRegistered(subject=system.pk, name=system.name, state=system.state))
        added += 1
    if not added:
        audit.record(NothingNew())
    return added


@command
def suspend_system(
    *, actor: Actor, system_uid: uuid.UUID | str, ground: str, explanation: str, on: datetime.date
) -> EisSystem:
    """Suspend a system on one of the grounds of п.28; all its keys stop at once.

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        Invalid: the ground is not one of п.28.
        WrongTransition: the system is not working.
    """
    policies.govern_systems.require(actor)
    if ground not in SUSPENSION_GROUNDS:
        raise Invalid([Problem("ground", "unknown", "Виберіть підставу з пункту 28 Положення.")])
    system = _locked(system_uid)
    if system.state not in WORKING:
        raise errors.WrongTransition(
            f"ОІС «{system.name}» не підключена, тому зупиняти немає чого."
        )
    before = system.state
    _move(
        system,
        SystemState.SUSPENDED,
        f"п. {ground}: {SUSPENSION_GROUNDS[ground]}. {explanation}".strip(),
        on,
    )
    wake(None)
    audit.record(
        SystemSuspended(
            subject=system.pk,
            name=system.name,
            before=before,
            ground=ground,
            explanation=explanation.strip(),
        )
    )
    return system


@command
def declare_writes(
    *, actor: Actor, system_uid: uuid.UUID | str, seen: Collection[str], writes: list[str]
) -> EisSystem:
    """Say which data the operator's system was declared and tested to write (п.18, handbook H.4).

    A head may open no other; what is taken back stops at the keys' next request. `seen` is what the
    actor read: the whole list is written, so it is its own version.

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        Invalid: not among the data that systems may write at all.
        StaleVersion: somebody declared otherwise after the actor read it.
    """
    policies.govern_systems.require(actor)
    if set(writes) - set(WRITES):
        raise Invalid(
            [Problem("writes", "unknown", "Виберіть із переліку того, що ОІС записують.")]
        )
    system = _locked(system_uid)
    if set(system.writes) != set(seen):
        raise StaleVersion
    if sorted(set(writes)) != system.writes:
        before, system.writes = system.writes, sorted(set(writes))
        system.save(update_fields=["writes"])
        audit.record(
            WritesDeclared(
                subject=system.pk,
                name=system.name,
                before=tuple(before),
                writes=tuple(system.writes),
            )
        )
    return system


@command
def restore_system(
    *, actor: Actor, system_uid: uuid.UUID | str, explanation: str, on: datetime.date
) -> EisSystem:
    """Restore a suspended system when the violations are removed (п.30).

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        Invalid: nothing says how the violations were removed.
        WrongTransition: the system is not suspended.
    """
    policies.govern_systems.require(actor)
    if not explanation.strip():
        raise Invalid(
            [
                Problem(
                    "explanation",
                    "required",
                    "Опишіть, чим підтверджено усунення порушень (п. 30).",
                )
            ]
        )
    system = _locked(system_uid)
    if system.state != SystemState.SUSPENDED:
        raise errors.WrongTransition(f"Доступ ОІС «{system.name}» не зупинено.")
    _move(system, SystemState.CONNECTED, f"п. 30: {explanation.strip()}", on)
    audit.record(
        SystemRestored(subject=system.pk, name=system.name, explanation=explanation.strip())
    )
    return system


def _locked(system_uid: uuid.UUID | str) -> EisSystem:
    try:
        return EisSystem.objects.select_for_update(of=("self",), no_key=True).get(uid=system_uid)
    except (EisSystem.DoesNotExist, ValueError):
        raise NotFound("Такої ОІС немає.") from None


def _move(system: EisSystem, state: SystemState, ground: str, on: datetime.date) -> None:
    system.state = state
    system.state_since = on
    system.state_ground = ground
    system.save(update_fields=["state", "state_since", "state_ground"])
