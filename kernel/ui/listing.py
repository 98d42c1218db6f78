"""Addresses of a filtered list: filters, chips, order and pages as plain links."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from kernel.paging import Page


@dataclasses.dataclass(frozen=True)
class Facet:
    """One filter: its parameter, heading, choices in order, and what «any» is called."""

    name: str
    title: str
    choices: Iterable[tuple[str, str]]
    anything: str = "Усі"


def carried(request: HttpRequest) -> dict[str, str]:
    """Parameters that go with the person from page to page: what a middleware read and kept."""
    return dict(getattr(request, "carried", {}))


class Address:
    """The list's own address with some parameters changed; a change goes to the first page."""

    def __init__(self, request: HttpRequest, kept: Iterable[str]):
        self.path = request.path
        self.now = {
            **carried(request),
            **{name: request.GET[name] for name in kept if request.GET.get(name)},
        }

    def with_(self, **changes: str) -> str:
        """The address where these parameters have these values; '' removes one."""
        query = {name: value for name, value in {**self.now, **changes}.items() if value}
        return f"{self.path}?{urlencode(query)}" if query else self.path


def groups(
    address: Address, facets: Iterable[Facet], counts: Mapping[str, Mapping[str, int]]
) -> list[dict[str, Any]]:
    """What `<c-filters>` shows: choices nobody has are left out, the chosen one stays."""
    shown = []
    for facet in facets:
        counted = counts.get(facet.name, {})
        chosen = address.now.get(facet.name, "")
        items = [
            {
                "label": label,
                "url": address.with_(**{facet.name: code}),
                "count": counted.get(code, 0),
                "current": code == chosen,
            }
            for code, label in facet.choices
            if counted.get(code) or code == chosen
        ]
        if len(items) > 1 or chosen:
            everything = {
                "label": facet.anything,
                "url": address.with_(**{facet.name: ""}),
                "count": sum(counted.values()),
                "current": not chosen,
            }
            shown.append({"title": facet.title, "items": [everything, *items]})
    return shown


def chips(address: Address, facets: Iterable[Facet]) -> list[dict[str, str]]:
    """Filters that are on, each with the address without it."""
    return [
        {"label": label, "url": address.with_(**{facet.name: ""})}
        for facet in facets
        for code, label in facet.choices
        if address.now.get(facet.name) == code
    ]


def pager(address: Address, page: Page[Any]) -> dict[str, str]:
    """Addresses of the neighbouring pages for `<c-pager>`."""
    return {
        "first": address.with_(),
        "previous": address.with_(before=page.previous) if page.previous else "",
        "next": address.with_(after=page.next) if page.next else "",
    }


def sorts(address: Address, default: str) -> Callable[[str], dict[str, str]]:
    """For a column's head: the address ordered by it, and whether it is the order now."""

    def of(order: str) -> dict[str, str]:
        now = address.now.get("order", default)
        return {
            "url": address.with_(order="" if order == default else order),
            "state": "up" if now == order else "none",
        }

    return of
