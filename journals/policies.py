"""Who keeps timetables, who reads journals and who writes in them.

The year and the timetable are kept by whoever keeps the classes. A journal is read by its teachers,
by the head and by a deputy who answers for pupils or classes; entries are made by whoever teaches the
lesson, absences by the class teacher too (наказ МОН 707; handbook E.1, E.5).
"""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import Duty, Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.institutions import policies as institutions
from registry.models import Institution


@Policy
def keep_timetable(actor: Actor, institution: Institution) -> None:
    """The year of a school, its timetable and what happens to lessons: the head, or a deputy
    entrusted with classes; not where the institution is suspended or closed (п.28)."""
    if not actor.holds(Role.HEAD, Role.DEPUTY):
        raise NotAllowed("Розклад веде керівник закладу або заступник, якому він це доручив")
    institutions.keep_classes.require(actor, institution)
    if institution.status in {"SUSPENDED", "LIQUIDATED"}:
        raise NotAllowed("Роботу закладу зупинено: зміни не приймаються")


@Policy
def read_journals(actor: Actor, institution: Institution) -> None:
    """All journals of a school: the head, or a deputy entrusted with pupils or classes. Whoever
    teaches reads the own ones (journals/selectors/journals.py)."""
    if not (
        actor.holds(Role.HEAD, Role.DEPUTY)
        and institution.is_within(actor.scope)
        and (actor.holds(Role.HEAD) or {Duty.PUPILS, Duty.CLASSES} & set(actor.duties))
    ):
        raise NotAllowed("Журнали читають учителі, керівник і заступник, якому він це доручив")


@Policy
def open_locked(actor: Actor, institution: Institution) -> None:
    """Let entries of past lessons be made for a while: as the timetable."""
    keep_timetable.require(actor, institution)
