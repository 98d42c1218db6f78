"""Refusals about the passage to the next school year."""

from __future__ import annotations

from kernel.errors import DomainError


class PlanClosed(DomainError):
    """The plan's order waits for its signature or is signed: it is changed no more."""

    code = "rollover_closed"
    title = "План уже в наказі: змінити його можна, лише повернувши наказ на доопрацювання"


class PlanNotReady(DomainError):
    """Something of the plan must be mended before the order; `rows` says what."""

    code = "rollover_not_ready"
    title = "Спершу виправте те, що позначено помилкою"


class NoSuchClass(DomainError):
    """The plan has no class of this name in the coming year."""

    code = "rollover_no_class"
    title = "Такого класу в плані немає"
