"""Every service of the cabinet on a phone, generated from the kinds themselves: its drafts, its first
page, its table with a row. A kind added later walks without anybody writing it here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from accounts.actors import system
from kernel.clock import moment
from kernel.db import command
from registry.drafts import services as drafts
from registry.drafts.models import Draft
from registry.process import Wanted, kinds
from tests.kit.acts import noted
from tests.registry.movements.test_enrolment_in_browser import (  # noqa: F401 - fixtures
    complaints,
    olena,
)
from tests.ui.test_every_page import SMALL
from tests.world import World, hire

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# A row at rest says whose it is; the row one works in shows every cell under its name.
NAMELESS = r"""() => [...document.querySelectorAll('tr[data-ak-row]')]
  .filter(row => !row.querySelector('td.is-key')?.checkVisibility())
  .map(row => `row ${row.dataset.akRow} at rest does not say whose it is`)"""
UNLABELLED = r"""() => [...document.querySelectorAll('tr[data-ak-row]:focus-within td[data-l]')]
  .filter(cell => !cell.checkVisibility()
    || !(cell.matches('.is-key, .is-gn')
      || getComputedStyle(cell, '::before').content === JSON.stringify(cell.dataset.l)))
  .map(cell => `«${cell.dataset.l}» is shown without its name`)"""


@command
def teachers(world: World, *, actor: Any) -> None:
    """Staff to choose from."""
    hire(world.institutions["school1"], "Нечуй-Левицька-Переяславська", given_name="Домініка")
    noted()


def table_of(world: World, process: str) -> Draft:
    """A draft with one row: the first line that may be chosen, or one where every cell is wrong."""
    kind, now, actor = kinds()[process], moment(), world.actor("olena")
    common = {
        "actor": actor,
        "institution_id": world.units["school1"].id,
        "process": process,
        "moment": now,
    }
    if kind.chosen is not None:
        lines = kind.chosen.lines(actor, world.institutions["school1"], Wanted(), now)
        keys = [one.key for one in lines if not one.why_not][:1]
        return drafts.start(keys=keys, **common)
    return drafts.start(
        rows=[{column.name: "?" for column in kind.columns if not column.fixed}], **common
    )


def test_every_service_fits_a_phone(
    page: Page,
    olena: World,  # noqa: F811
    assert_accessible: Callable[..., None],
) -> None:
    world = olena
    teachers(world, actor=system("тест"))
    page.set_viewport_size({"width": 390, "height": 844})
    broken: list[str] = []
    empty: set[str] = set()
    begun: set[tuple[bool, bool]] = set()

    def looks(name: str, *, accessible: bool = True) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth")
        broken.extend([f"{name}: {wide} px wide"] if wide > 390 else [])
        broken.extend(f"{name}: {one} is small for a finger" for one in page.evaluate(SMALL))
        try:
            if accessible:
                assert_accessible(page)
        except AssertionError as breach:
            broken.append(f"({name}) {breach}")
        if folder := os.environ.get("AIKOM_PICTURES"):
            page.screenshot(path=Path(folder) / f"phone-{name}.png", full_page=True)

    for process in kinds():
        if kinds()[process].page:
            continue  # a page of its own, walked with the others
        page.goto(reverse("draft_start", args=[process]))
        # Kinds that begin alike are of one template: axe reads the first of them.
        begins = (kinds()[process].typed is None, kinds()[process].chosen is None)
        looks(f"{process}-start", accessible=begins not in begun)
        draft = table_of(world, process)
        page.goto(reverse("draft_detail", args=[process, draft.pk]))
        broken.extend(f"{process}: {one}" for one in page.evaluate(NAMELESS))
        first = page.locator("tr[data-ak-row] th a").first
        if first.count():
            first.focus()
            broken.extend(f"{process}: {one}" for one in page.evaluate(UNLABELLED))
        else:
            empty.add(process)
        looks(f"{process}-table", accessible=begins not in begun)
        begun.add(begins)
    assert not broken, "\n".join(broken)
    # Nobody here learns apart or beside, is deferred; nothing is asked of the school, it signed no order.
    assert empty == {"institutional", "supplement_end", "defer", "release", "annul"}
