"""The signed row of facts of children: what was so of the child, and what is so from now on."""

from __future__ import annotations

from collections.abc import Mapping

from registry.process import SignedRow


class FactRow(SignedRow, frozen=True, kw_only=True, tag="registry.fact/1"):
    """One child: facts by their names, before and after, as the register holds them (dates as ISO,
    codes as codes). `key` says which of several of a kind it is (a category, a representative)."""

    class_label: str
    key: str = ""
    was: Mapping[str, str]
    now: Mapping[str, str]


class NeedsRow(FactRow, frozen=True, kw_only=True, tag="registry.needs/1"):
    """Special educational needs."""


class MealsRow(FactRow, frozen=True, kw_only=True, tag="registry.meals/1"):
    """Free meals."""


class BenefitsRow(FactRow, frozen=True, kw_only=True, tag="registry.benefits/1"):
    """A benefit with its document."""


class DisplacementRow(FactRow, frozen=True, kw_only=True, tag="registry.displacement/1"):
    """Displacement within the country or abroad."""


class ContactRow(FactRow, frozen=True, kw_only=True, tag="registry.contact/1"):
    """Contact is lost or restored."""


class AddressesRow(FactRow, frozen=True, kw_only=True, tag="registry.addresses/1"):
    """Where the child lives and is registered."""


class PhonesRow(FactRow, frozen=True, kw_only=True, tag="registry.phones/1"):
    """A phone and an e-mail of a representative."""


class RepresentativesRow(FactRow, frozen=True, kw_only=True, tag="registry.representatives/1"):
    """A representative begins or ends."""
