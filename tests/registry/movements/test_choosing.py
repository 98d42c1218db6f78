"""Pages of a process whose rows are chosen: the same addresses, the same grid."""

from __future__ import annotations

import pytest
from django.urls import reverse

from registry.drafts.models import Draft
from registry.process import kinds
from tests.world import sign_in


@pytest.fixture(autouse=True)
def in_november(time_machine):
    time_machine.move_to("2026-11-22 14:00:00+02:00", tick=True)


@pytest.fixture
def olena(world, client):
    sign_in(client, world.grants["olena"])
    return client


def begun(client):
    answer = client.post(reverse("draft_start", args=["withdraw"]))
    return Draft.objects.get(), answer["Location"]


def test_one_pupil_is_ticked_and_becomes_a_row(world, olena):
    draft, choose = begun(olena)
    page = olena.get(choose).content.decode()
    ivan, marko = world.pupils["ivan"], world.pupils["marko"]
    assert f'value="{ivan.pk}"' in page
    assert str(marko.pk) not in page  # learns at another school
    answer = olena.post(choose, {"key": [str(ivan.pk), str(marko.pk), "nonsense"]})
    assert answer["Location"] == reverse("draft_detail", args=["withdraw", draft.pk])
    row = draft.rows.get()
    assert (row.pupil_id, row.values["pupil"]) == (ivan.pk, ivan.full_name)
    olena.post(choose, {"key": str(ivan.pk)})
    assert draft.rows.count() == 1  # chosen once


def test_all_that_match_are_taken_at_once(world, olena):
    draft, choose = begun(olena)
    olena.post(f"{choose}?q=Неіснуючий", {"all": "on"})
    assert not draft.rows.exists()
    assert olena.post(choose, {"all": "on"}).status_code == 303
    here = [p for p in world.pupils.values() if p.institution_id == world.units["school1"].id]
    assert draft.rows.count() == len(here) > 1


def test_a_block_never_writes_over_what_the_register_says_and_makes_no_rows(world, olena):
    draft, choose = begun(olena)
    olena.post(choose, {"all": "on"})
    rows = list(draft.rows.order_by("position"))
    before = [row.values for row in rows]

    def paste(column, *lines):
        return olena.post(
            reverse("draft_cells", args=["withdraw", draft.pk]),
            {
                "paste": "1",
                "start_row": rows[-1].id,
                "start_column": column,
                "cells": "\n".join("\t".join(line) for line in lines),
            },
            headers={"HX-Request": "true"},
        )

    last = rows[-1].values
    for refused in (
        paste("pupil", ["Інша Дитина", last["born_on"]]),
        paste("document", ["заява 1"], ["заява 2"]),
    ):
        assert refused.status_code == 422
        assert "Нічого не вставлено" in refused.content.decode()
    assert [row.values for row in draft.rows.order_by("position")] == before
    # The same table copied out, mended in a spreadsheet and put back.
    paste("pupil", [last["pupil"], last["born_on"], last["class"], "", "", "заява 1"])
    draft.refresh_from_db()
    assert draft.rows.get(pk=rows[-1].pk).values == last | {"document": "заява 1"}


def test_nothing_ticked_is_told(olena, world):
    _, choose = begun(olena)
    answer = olena.post(choose)
    assert answer.status_code == 422
    assert "Виберіть хоча б один рядок" in answer.content.decode()


def test_words_of_a_choice_are_stored_as_its_code_and_read_as_words(world, olena):
    draft, choose = begun(olena)
    olena.post(choose, {"key": str(world.pupils["ivan"].pk)})
    row = draft.rows.get()
    reason = kinds()["withdraw"].by_name["reason"]
    code, words = reason.choices[0]
    answer = olena.post(
        reverse("draft_cells", args=["withdraw", draft.pk]),
        {"row": row.id, "version": row.version, "reason": words.upper(), "pupil": "Хтось інший"},
        headers={"HX-Request": "true"},
    )
    row.refresh_from_db()
    assert row.values["reason"] == code
    assert row.values["pupil"] == world.pupils["ivan"].full_name  # a fixed cell is nobody's to type
    assert f'value="{words}"' in answer.content.decode()


@pytest.mark.parametrize("process", ["enrol", "withdraw", "annul"])
def test_every_kind_has_its_page_and_its_line_in_the_menu(world, olena, process):
    assert olena.get(reverse("draft_list", args=[process])).status_code == 200
    assert reverse("draft_list", args=[process]) in olena.get("/").content.decode()


def test_a_draft_is_found_under_its_own_process_alone(world, olena):
    draft, _ = begun(olena)
    assert olena.get(reverse("draft_detail", args=["enrol", draft.pk])).status_code == 404
    assert olena.get(reverse("draft_list", args=["unheard-of"])).status_code == 404


@pytest.mark.parametrize("rest", ["", "start/", "one/?a=1"])
def test_old_addresses_of_enrolment_lead_to_the_new(world, olena, rest):
    answer = olena.get(f"/enrol/{rest}")
    assert (answer.status_code, answer["Location"]) == (308, f"/services/enrol/{rest}")
