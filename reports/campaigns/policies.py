"""Who announces campaigns, prepares, signs, takes and reads what is in them."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import Duty, Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from reports.campaigns.errors import NotYourLevel, NotYourSchool

_LEVELS = (
    Role.ANALYST,
    Role.OBLAST_ADMIN,
    Role.RAION_ADMIN,
    Role.HROMADA_ADMIN,
    Role.DISTRICT_ADMIN,
)


@Policy
def announce(actor: Actor) -> None:
    """Announce a campaign: the ministry for the country or an oblast, an oblast for itself."""
    if not actor.holds(Role.ANALYST, Role.OBLAST_ADMIN):
        raise NotAllowed("Збір звітності оголошують аналітик МОН або область.")


@Policy
def see(actor: Actor) -> None:
    """See campaigns and how they go: persons at work; a deputy entrusted with reports."""
    if not actor.holds(*_LEVELS, Role.TECH_ADMIN, Role.HEAD, Role.DEPUTY):
        raise NotAllowed("Збір звітності ведуть заклади й органи управління освітою.")
    if actor.holds(Role.DEPUTY) and Duty.REPORTS not in actor.duties:
        raise NotAllowed("Керівник не доручав вам підготовку звітності.")


@Policy
def lead(actor: Actor, unit: OrgUnit) -> None:
    """Prolong, add schools, close or withdraw a campaign: whoever acts for the node that announced it."""
    announce.require(actor)
    if actor.unit_id != unit.id:
        raise NotAllowed("Збором керує той, хто його оголосив.")


@Policy
def read_part(actor: Actor, part: Any) -> None:
    """Figures of a part: its node and those above it then; the technical administrator sees states."""
    see.require(actor)
    if actor.holds(Role.TECH_ADMIN):
        raise NotAllowed("Технічний адміністратор бачить лише стан збору звітності.")
    if not _is_mine(actor, part) and actor.unit_id not in part.above:
        raise NotAllowed("Показники цього органу чи закладу вам недоступні.")


def _is_mine(actor: Actor, part: Any) -> bool:
    return actor.scope.level == "institution" and part.unit_id in actor.scope.keys


@Policy
def prepare(actor: Actor, part: Any) -> None:
    """Generate a report anew and explain it: the head, or a deputy entrusted with reports."""
    see.require(actor)
    if not actor.holds(Role.HEAD, Role.DEPUTY) or not _is_mine(actor, part):
        raise NotYourSchool("Звіт готує сам заклад.")


@Policy
def sign(actor: Actor, part: Any) -> None:
    """Sign a report: the head alone; a summary: whoever acts for its own level."""
    if not part.is_school:
        if not actor.holds(*_LEVELS) or actor.unit_id != part.unit_id:
            raise NotYourLevel("Зведений звіт підписує орган, який його склав.")
        return
    if not actor.holds(Role.HEAD) or not _is_mine(actor, part):
        raise NotYourSchool("Звіт підписує керівник закладу.")


@Policy
def receive(actor: Actor, part: Any) -> None:
    """Accept or return what came from below: any node above it; a higher one may act for a lower."""
    if not actor.holds(*_LEVELS) or actor.unit_id not in part.above[:-1]:
        raise NotYourLevel("Звіт приймає або повертає орган, якому заклад підпорядкований.")


@Policy
def summarise(actor: Actor, part: Any) -> None:
    """Make a summary: the node itself, or a node above it."""
    if not actor.holds(*_LEVELS) or actor.unit_id not in part.above:
        raise NotYourLevel("Зведений звіт формує орган управління освітою.")
