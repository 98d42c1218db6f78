"""What htmx gets is what a fresh load would show: no count, button or error stays from before."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.architecture.test_permission_matrix import ROWS
from tests.kit import htmx
from tests.registry.drafts.test_drafts import begin, numbered
from tests.world import World, sign_in

# What the query of each address may hold; every one is tried on every address that gives fragments.
QUERIES = ("", "?q=а", "?q=ніхто-такий", "?page=1", "?show=fix", "?state=active")


@pytest.mark.django_db
def test_a_fragment_stands_in_the_full_page_as_it_is(world: World) -> None:
    """Every address of the matrix that is read, as the first persona it opens to and as a head."""
    given, told = set(), []
    nothing_done = transaction.savepoint()
    for name, row in sorted(ROWS.items()):
        transaction.savepoint_rollback(nothing_done)  # what another row made for itself is gone
        nothing_done = transaction.savepoint()
        if row.api or row.token or row.method != "GET":
            continue
        opens = [who for who, met in row.expected().items() if met == "opens"]
        url = reverse(name, kwargs=row.args(world) if row.args else {})
        for who in {*opens[:1], *({"olena"} & set(opens))}:
            client = Client()
            sign_in(client, world.grants[who])
            for query in QUERIES:
                address = url + (query if not row.query else row.query + query.replace("?", "&"))
                page = client.get(address)
                if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
                    break
                if b"<html" not in page.content:
                    break  # it is a fragment however it is asked for
                part = client.get(address, headers=htmx.HEADERS)
                if b"<html" in part.content:
                    break
                given.add(name)
                if not htmx.stands_in(part.content.decode(), page.content.decode()):
                    told.append(f"{name} {address} as {who}")
    assert {"pupil_list", "institution_list", "staff_list", "search", "users"} <= given
    assert not told, "The fragment is not what the page shows:\n" + "\n".join(told)


@pytest.fixture
def draft(world: World, client: Client):  # type: ignore[no-untyped-def]
    sign_in(client, world.grants["olena"])
    return begin(world.actor("olena"), world, [numbered(1), numbered(2, sex=""), numbered(3), {}])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [{"surname": "Коваль"}, {"surname": ""}, {"sex": ""}, {"document": "II-ТП 000777"}],
    ids=["a good cell", "a missing cell", "a choice taken away", "a document"],
)
@pytest.mark.parametrize("position", [1, 4], ids=["a filled row", "a blank row"])
def test_a_saved_cell_leaves_the_page_as_a_fresh_load(
    client: Client, draft, typed, position
) -> None:  # type: ignore[no-untyped-def]
    address = reverse("draft_detail", args=["enrol", draft.pk])
    page = htmx.Loaded(client.get(address).content.decode())
    row = draft.rows.get(position=position)
    answer = client.post(
        reverse("draft_cells", args=["enrol", draft.pk]),
        {"row": row.id, "version": row.version, **typed},
        headers=htmx.HEADERS,
    )
    page.rows(answer.content.decode())
    assert page.differences(client.get(address).content.decode()) == ""


@pytest.mark.django_db
def test_a_pasted_block_leaves_the_page_as_a_fresh_load(client: Client, draft) -> None:  # type: ignore[no-untyped-def]
    address = reverse("draft_detail", args=["enrol", draft.pk])
    page = htmx.Loaded(client.get(address).content.decode())
    row = draft.rows.get(position=2)
    answer = client.post(
        reverse("draft_cells", args=["enrol", draft.pk]),
        {
            "paste": "1",
            "start_row": row.id,
            "rows": f"{row.id},{draft.rows.get(position=3).id}",
            "start_column": "surname",
            "cells": "Ґудзь\tЛілія\nЩасна\tЄва\n\tІван",
        },
        headers=htmx.HEADERS,
    )
    page.body(answer.content.decode())
    assert page.differences(client.get(address).content.decode()) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("do", ["add|10", "undo", "fix|*|sex|required"])
def test_a_button_of_the_grid_leaves_the_page_as_a_fresh_load(client: Client, draft, do) -> None:  # type: ignore[no-untyped-def]
    address = reverse("draft_detail", args=["enrol", draft.pk])
    page = htmx.Loaded(client.get(address).content.decode())
    answer = client.post(address, {"do": do}, headers=htmx.HEADERS)
    page.body(answer.content.decode())
    assert page.differences(client.get(address).content.decode()) == ""
