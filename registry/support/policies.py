"""Who asks, and who answers (S3 п.14: support in levels; handbook B.1)."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.policies import ADMINISTRATOR_OF
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.support.errors import NobodyToAsk

_ANSWER = frozenset({Role.TECH_ADMIN, *ADMINISTRATOR_OF.values()})


@Policy
def ask(actor: Actor) -> None:
    """Ask for help: everybody who has somebody above."""
    if actor.grant_id is None or actor.holds(Role.TECH_ADMIN):
        raise NobodyToAsk


@Policy
def answer(actor: Actor) -> None:
    """Answer what is asked of one's node: administrators of authorities and the technical one."""
    if not actor.holds(*_ANSWER):
        raise NotAllowed("На звернення відповідають органи управління й технічний адміністратор.")
