"""Who draws up, signs, voids and reads certificates of study."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from kernel.policy import Policy
from registry.people import policies as people


@Policy
def keep(actor: Actor, institution: Any) -> None:
    """Draw certificates up and give them up unsigned: the head, or a deputy entrusted with pupils."""
    people.keep.require(actor, institution)


@Policy
def sign(actor: Actor, institution: Any) -> None:
    """Sign certificates and void them: the head alone."""
    people.sign_order.require(actor, institution)


@Policy
def see(actor: Actor, institution: Any = None) -> None:
    """Read the register of certificates: whoever sees the names of that institution."""
    people.see_names.require(actor, institution)
