"""Who generates statistics and who reads them (handbook B.2)."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import Duty, Role
from kernel.errors import NotAllowed
from kernel.policy import Policy


@Policy
def generate(actor: Actor, unit: OrgUnit) -> None:
    """Authorities and analysts for their subtree, a head (or a deputy with the duty) for the school."""
    if actor.is_system:
        return
    if actor.holds(Role.TECH_ADMIN):
        raise NotAllowed("Технічний адміністратор бачить лише стан формування звітів.")
    if actor.holds(Role.DEPUTY) and Duty.REPORTS not in actor.duties:
        raise NotAllowed("Керівник не доручав вам підготовку звітності.")
    if not actor.stands_above(unit.path):
        raise NotAllowed("Звіт формують лише для себе та підпорядкованих.")


@Policy
def read_figures(actor: Actor, unit: OrgUnit) -> None:
    """Figures of a node are read from that node and above; the technical administrator sees states."""
    if actor.holds(Role.TECH_ADMIN):
        raise NotAllowed("Технічний адміністратор бачить лише стан формування звітів.")
    if actor.holds(Role.DEPUTY) and Duty.REPORTS not in actor.duties:
        raise NotAllowed("Керівник не доручав вам підготовку звітності.")
    if not actor.stands_above(unit.path):
        raise NotAllowed("Показники цього органу чи закладу вам недоступні.")


@Policy
def keep_forms(actor: Actor) -> None:
    """Definitions of forms are published by the technical administrator."""
    if not actor.holds(Role.TECH_ADMIN):
        raise NotAllowed("Описи форм веде технічний адміністратор.")


@Policy
def see_subvention(actor: Actor) -> None:
    """Sums of budgets are read by authorities and the ministry's analyst; a school is no budget."""
    if actor.role not in {
        Role.ANALYST,
        Role.OBLAST_ADMIN,
        Role.RAION_ADMIN,
        Role.HROMADA_ADMIN,
    }:
        raise NotAllowed("Розрахунок субвенції відкритий органам управління та аналітикам МОН.")


@Policy
def compute_subvention(actor: Actor, unit: OrgUnit) -> None:
    """Whoever reads sums computes them for the own subtree."""
    see_subvention.require(actor)
    if not actor.stands_above(unit.path):
        raise NotAllowed("Субвенцію розраховують лише для себе та підпорядкованих.")


@Policy
def keep_parameters(actor: Actor) -> None:
    """The formula's parameters and territories of budgets are the ministry's."""
    if actor.role != Role.ANALYST:
        raise NotAllowed("Параметри формули веде аналітик МОН.")


@Policy
def publish_open_data(actor: Actor) -> None:
    """Open data of the register are published by its owner: the ministry's analyst, or the calendar."""
    if actor.is_system:
        return
    if actor.role != Role.ANALYST:
        raise NotAllowed("Відкриті дані оприлюднює аналітик МОН.")
