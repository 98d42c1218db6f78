"""Every page with nothing done on it, and every form sent empty: what a designer asks of the markup.

A page has one main heading and ranks that do not skip; a form that nobody has touched shows no error;
what a form says stands to its field. An empty form names each thing it lacks by its field, all of
which the page has marked, and never speaks of what a person does not see. How it looks is seen in
tests/pictures and test_every_page.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from lxml import html

from tests.architecture.matrix import rows
from tests.world import World, sign_in

# Pages of the menu and of the frame, and those that a stranger opens.
FIRST = {
    *("home", "pupil_list", "institution_list", "staff_list", "users", "notices", "search", "help"),
    *(
        "eis_keys",
        "reports",
        "open_data",
        "ui_account",
        "ui_offline",
        "choose_grant",
        "sign_in",
        "api_docs",
        "problem",
        "problem_list",
    ),
    *("certificate_check", "draw_public", "eis_public", "verify_document", "verify_signature"),
}
GENERIC = "Це поле обовʼязкове"  # Django's own words: they name no field


def pages(world: World) -> Any:
    """(name, client, address) of every page of the matrix for the first who may open it."""
    nothing_done = transaction.savepoint()
    for name, row in sorted(rows().items()):
        if row.api or row.token or row.method != "GET":
            continue
        transaction.savepoint_rollback(nothing_done)  # what another page made for itself is gone
        nothing_done = transaction.savepoint()
        client = Client()
        if who := next(iter(row.opens.split()), ""):
            sign_in(client, world.grants[who])
        yield name, client, reverse(name, kwargs=row.args(world) if row.args else {}) + row.query


def page_of(answer: Any) -> Any:
    """The tree of a whole page; None for what is no page."""
    kind = answer.headers.get("Content-Type", "")
    if answer.streaming or not kind.startswith("text/html") or b"</html>" not in answer.content:
        return None
    return html.fromstring(answer.content.decode())


def told_of(page: Any) -> list[str]:
    """What is wrong with the markup of a page."""
    told = []
    heads = page.xpath("//main//h1|//main//h2|//main//h3|//main//h4")
    ranks = [int(one.tag[1]) for one in heads]
    gallery = page.xpath("//*[contains(@class, 'ak-gal__n')]")
    if ranks.count(1) != 1 and not gallery:
        told.append(f"{ranks.count(1)} main headings")
    if ranks[:1] != [1]:
        told.append("something stands before the main heading: an error summary goes under it")
    summaries = page.xpath("//main//*[@id='ak-summary-title']")
    if summaries and heads[1] not in summaries and not gallery:
        told.append("something stands between the main heading and what is to be mended")
    told += [f"a heading h{b} after h{a}" for a, b in itertools.pairwise(ranks) if b > a + 1]
    ids = page.xpath("//@id")
    told += [f"id {one} twice" for one in {one for one in ids if ids.count(one) > 1}]
    for control in page.xpath("//*[@aria-describedby]"):
        told += [
            f"{control.get('name') or control.tag} is described by {one}, which is not there"
            for one in control.get("aria-describedby").split()
            if one not in ids
        ]
    for hint in page.xpath("//main//*[contains(@class, 'ak-field')]/small[@id]"):
        if not page.xpath(
            f"//*[contains(concat(' ', @aria-describedby, ' '), ' {hint.get('id')} ')]"
        ):
            told.append(f"the hint {hint.get('id')} is tied to nothing")
    return told


def sent_empty(page: Any) -> dict[str, str]:
    """What the page's largest form sends when nothing is filled in: what a person does not see."""
    forms = page.xpath("//main//form[@method='post']")
    largest = max(forms, key=lambda form: len(form.xpath(".//*[@name]")), default=None)
    hidden = [] if largest is None else largest.xpath(".//input[@type='hidden']")
    return {one.get("name"): one.get("value", "") for one in hidden}


SUMMARY = "//main//*[contains(@class, 'ak-summary')]//li"


def errors(page: Any) -> list[str]:
    """Names of fields that say an error."""
    return page.xpath("//main//*[@aria-invalid='true']/@name")


@pytest.mark.django_db
def test_every_page_is_whole_and_every_empty_form_says_what_it_lacks(world: World) -> None:
    told, seen, refused = [], set(), set()
    for name, client, address in pages(world):
        page = page_of(answer := client.get(address))
        if page is None or answer.status_code != 200:
            continue
        seen.add(name)
        told += [f"{name}: {one}" for one in told_of(page)]
        if name not in FIRST and not page.xpath("//nav[contains(@class, 'ak-crumbs')]"):
            told.append(f"{name}: no way back above the heading")
        if (
            page.xpath(
                "//main//*[contains(@class, 'ak-err') or contains(@class, 'ak-summary')][not(ancestor-or-self::noscript) and not(ancestor-or-self::*[@hidden])]"
            )
            and "draft" not in name
            and name != "ui_gallery"
        ):
            told.append(f"{name}: an error before anything was done")
        if b'method="post"' not in answer.content:
            continue
        page = page_of(answer := client.post(address, sent_empty(page)))
        if page is None or answer.status_code != 422:
            continue
        refused.add(name)
        told += [f"{name}, sent empty: {one}" for one in told_of(page)]
        summary = [" ".join(one.itertext()).strip() for one in page.xpath(SUMMARY)]
        if len(set(summary)) < len(summary):
            told.append(f"{name}, sent empty: says the same of two fields")
        said = " ".join(page.xpath("//main//text()"))
        if GENERIC in said or re.search(r"«[a-z_]+»", said):
            told.append(f"{name}, sent empty: names no field that a person sees")
        starred = set()
        for field in page.xpath("//main//*[contains(@class, 'ak-field')]"):
            if field.xpath(".//*[contains(@class, 'ak-req')]"):
                starred |= set(field.xpath(".//@name"))
        told += [f"{name}: {one} is wanted and not marked" for one in set(errors(page)) - starred]
    assert not told, "\n".join(told)
    assert len(seen) > 60, len(seen)
    assert {"institution_new", "class_new", "staff_hire", "pupil_guardian_new"} <= refused


# Pages that stand first: a section, a door, what a stranger opens by an address or a code.
STANDS_FIRST = {
    "accounts/choose_grant.html", "accounts/invitation.html", "accounts/notices/list.html",
    "accounts/sign_in.html", "accounts/users.html", "eis/api_docs.html", "eis/key_list.html",
    "eis/public.html", "registry/admission/draw_public.html", "registry/certificates/check.html",
    "registry/institutions/list.html", "registry/parents/home.html", "registry/pupils/list.html",
    "registry/search.html", "registry/staff/list.html", "reports/open/list.html",
    "reports/run_list.html", "signatures/document.html", "signatures/verified.html",
    "signatures/verify.html", "ui/account.html", "ui/base_side.html", "ui/gallery.html",
    "ui/help/index.html", "ui/home.html", "ui/offline.html", "ui/problem.html",
    "ui/problem_list.html",
}  # fmt: skip


def test_every_template_of_a_page_has_a_way_back_or_stands_first():
    """Whatever state it needs to be seen in: pages that no walk opens too."""
    found = {
        str(path).partition("/templates/")[2]
        for path in settings.BASE_DIR.rglob("*/templates/**/*.html")
        if not {".venv", "var", "node_modules"} & set(path.parts)
        if 'extends "ui/base' in (text := path.read_text()) and "block crumbs" not in text
    }
    assert found == STANDS_FIRST
