"""Who keeps the children's register, and who sees whom (handbook B.2, D.7, J.3).

Names are open where the child lives or learns: to the authority of the community, and of an absence
to its school. Levels above see counts. Children who may be missing are open to the community's own
administrator and the head of the last school, on a ground told on entry; for everybody else they are
not there.
"""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import EIS, SYSTEM, Dataset, Duty, Role
from kernel.policy import Policy, Right, Visibility
from registry.coverage.errors import KeepsNoRegister
from registry.coverage.states import ABSENT, MISSING, NOT_COVERED

_COMMUNITY = {
    Role.HROMADA_ADMIN: Right(),
    Role.DISTRICT_ADMIN: Right(),
    Role.OBLAST_ADMIN: Right(direct=True),  # a city that stands for an oblast
    SYSTEM: Right(),
}
# By kind of record: who reads its names. A row is judged by its `unit`, the node that keeps it.
CASES = {
    NOT_COVERED: Visibility({**_COMMUNITY, Role.RAION_ADMIN: Right()}, parent="unit_id"),
    ABSENT: Visibility(
        {**_COMMUNITY, Role.HEAD: Right(), Role.DEPUTY: Right(needs=Duty.PUPILS)}, parent="unit_id"
    ),
    MISSING: Visibility({**_COMMUNITY, Role.HEAD: Right()}, parent="unit_id"),
}
# Communities whose children of school age a role sees by name; of nodes themselves.
COMMUNITIES = Visibility(_COMMUNITY, parent="pk")
_ABOVE = (
    Role.ANALYST,
    Role.OBLAST_ADMIN,
    Role.RAION_ADMIN,
    Role.HROMADA_ADMIN,
    Role.DISTRICT_ADMIN,
)


@Policy
def see_counts(actor: Actor) -> None:
    """See how many children of communities within reach learn and how many do not."""
    if not actor.holds(*_ABOVE):
        raise KeepsNoRegister


@Policy
def see_children(actor: Actor) -> None:
    """See by name every child of school age of a community: the authority that keeps its register."""
    if COMMUNITIES.right(actor) is None:
        raise KeepsNoRegister("Поіменний облік дітей бачить орган управління освітою громади.")


@Policy
def see_cases(actor: Actor, about: str) -> None:
    """See records of a kind by name."""
    if CASES[about].right(actor) is None:
        raise KeepsNoRegister


@Policy
def keep(actor: Actor, about: str) -> None:
    """Record, establish, close. Absence is its school's to record; the raion above only reads."""
    see_cases.require(actor, about)
    if about == ABSENT and not (actor.is_system or actor.holds(Role.HEAD, Role.DEPUTY)):
        raise KeepsNoRegister("Відсутність учня записує заклад.")
    if actor.holds(Role.RAION_ADMIN):
        raise KeepsNoRegister


@Policy
def report(actor: Actor) -> None:
    """Tell of absences as a journal does: whoever records them at the school, and a system to which
    the head opened it (handbook D.7, H.4)."""
    if not (actor.holds(EIS) and actor.entrusted(Dataset.ABSENCES_WRITE)):
        keep.require(actor, ABSENT)


@Policy
def sign(actor: Actor, about: str) -> None:
    """Sign a notice: the head for the school, the administrator for the community."""
    keep.require(actor, about)
    if actor.holds(Role.DEPUTY) or actor.is_system:
        raise KeepsNoRegister("Повідомлення підписує керівник.")


@Policy
def count(actor: Actor) -> None:
    """Count communities anew: the system by night, an authority its own reach."""
    if not actor.is_system:
        see_children.require(actor)


@Policy
def follow(actor: Actor) -> None:
    """Bring records to what the register says of their children: the system."""
    if not actor.is_system:
        raise KeepsNoRegister


@Policy
def see_missing(actor: Actor) -> None:
    """Know at all of children who may be missing: the community's administrator and the head of the
    last school; for everybody else they are not there."""
    see_cases.require(actor, MISSING)
