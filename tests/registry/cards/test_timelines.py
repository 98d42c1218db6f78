"""Timelines: facts from the log and from orders, words made beside the page, grounds shown."""

from __future__ import annotations

from django.urls import reverse

from kernel import audit
from kernel.audit.events import TYPES
from kernel.db import command
from registry.cards.portal import words
from registry.cards.selectors import pupil as cards
from registry.institutions.services import institutions
from registry.orders.grounds import by_order
from registry.people import services as pupils
from registry.people.events import AddressSaved, PupilsExported
from registry.people.selectors.filters import Filters
from registry.quality.events import QualityChecked
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import TODAY
from tests.registry.orders.test_orders import prepared, sign
from tests.world import sign_in


def of_subject(*types):
    return {
        kind.struct
        for kind in TYPES.values()
        if kind.subject_type in types and not kind.code.startswith("tests.")
    }


def lines(world, pupil, who="olena"):
    shown = cards.card(world.actor(who), pupil.pk, today=TODAY, kinds=words.OF_PUPIL)
    return words.timeline(shown)


def test_every_event_of_a_child_has_words_or_is_told_by_its_order():
    assert of_subject("registry.pupil") == {*words.OF_PUPIL} | words.TOLD_BY_ORDERS


def test_every_event_of_an_institution_its_classes_and_groups_has_words_but_the_nightly_check():
    told = of_subject("registry.institution", "registry.class", "registry.group")
    assert told - {QualityChecked} == {*words.OF_INSTITUTION}
    assert {*words.TAKEN_OUT} == {PupilsExported}


def test_what_was_done_to_a_profile_is_told_in_words_with_its_ground(world, client):
    ivan = world.pupils["ivan"]
    common = {"actor": world.actor("olena"), "pupil_id": ivan.pk}
    known = {
        "surname": "Іваненчук",
        "given_name": ivan.given_name,
        "patronymic": ivan.patronymic,
        "born_on": f"{ivan.born_on:%d.%m.%Y}",
        "sex": ivan.sex,
    }
    pupils.correct(**common, version=1, values=known, ground="свідоцтво", today=TODAY)
    category = {"code": "SEN", "level": "2", "document": "ІРЦ-1", "starts_on": "01.09.2026"}
    category["issued_on"] = "20.08.2026"
    pupils.add_category(**common, values=category, today=TODAY)
    pupils.add_document(**common, values={"type": "ID_CARD", "document": "000777777"}, today=TODAY)
    pupils.save_address(**common, kind="ACTUAL", version=0, values={"line": "вул. Головна, 1"})
    told = {line.title: line.text for line in lines(world, ivan) if line.kind == "data"}
    assert told["Змінено адресу"] == "— → вул. Головна, 1"
    assert told["Додано документ"].endswith("000777777")
    assert told["Додано категорію"].endswith("з 01.09.2026. Підстава: ІРЦ-1")
    corrected = told["Виправлено профіль"]
    assert "прізвище: Іваненко → Іваненчук" in corrected
    assert corrected.endswith("Підстава: свідоцтво")
    sign_in(client, world.grants["olena"])
    page = client.get(reverse("pupil_detail", args=[ivan.pk])).content.decode()
    assert "Підстава: ІРЦ-1" in page
    assert "вул. Головна, 1" in page


def test_what_an_order_brought_about_leads_to_the_order(world):
    olena = world.actor("olena")
    order = sign(olena, prepared(olena, world, [numbered(1), numbered(2)]))
    pupil = order.rows.first().pupil

    @command(ground=by_order)
    def by_this_order(*, actor, order_id):
        told = {"kind": "ACTUAL", "before": "", "line": "гуртожиток"}
        audit.record(AddressSaved(subject=pupil.pk, unit=pupil.institution_id, **told))

    by_this_order(actor=olena, order_id=order.pk)
    (line,) = (line for line in lines(world, pupil) if line.kind == "data")
    assert line.order_id == order.pk
    assert line.text.startswith("— → гуртожиток. Підстава: наказ № 112-у від ")


def test_the_card_of_a_school_names_who_did_what_only_to_whom_its_staff_is_open(world, client):
    school, olena = world.institutions["school1"], world.actor("olena")
    institutions.update({"address": "вул. Головна, 1"}, actor=olena, uid=school.uid, version=1)
    for _ in range(31):
        list(pupils.export(actor=olena, filters=Filters(), today=TODAY))
    who = "Шкільна О. В."

    def named(reader):
        sign_in(client, world.grants[reader])
        page = client.get(reverse("institution_detail", args=[school.uid])).content.decode()
        assert "Змінено дані картки" in page  # not pushed off by lists taken out
        assert page.count("Вивантажено список учнів") == 5
        return page.count(who)

    readers = ("olena", "bohdan", "admin", "iryna", "maria")
    assert [named(reader) >= 6 for reader in readers] == [True, True, True, False, False]
    assert named("maria") == 0
