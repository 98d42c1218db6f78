"""Quality of data in use: checked, counted, shown, mended (seed 2: four indicators)."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.urls import resolve, reverse

from accounts import actors
from kernel import clock
from kernel.db import command
from kernel.errors import NotAllowed, NotFound
from registry.fields.rules import judge
from registry.fields.rules.pack import current
from registry.fields.rules.vocabulary import FACTS
from registry.models import (
    ContactState,
    Guardian,
    Guardianship,
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
    QualityFinding,
)
from registry.quality import facts, services
from registry.tasks import check_quality, keep_tallies
from tests.kit.acts import noted
from tests.world import sign_in

TODAY = datetime.date(2026, 11, 22)
NOW = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
SYSTEM = actors.system("перевірка")


@command
def write(*, actor, make):
    make()
    noted()


def check(world, school="school1", who="olena"):
    return services.check_institutions(
        actor=world.actor(who), ids=[world.institutions[school].pk], now=NOW, today=TODAY
    )


def rules_of(pupil):
    found = QualityFinding.objects.filter(pupil=pupil)
    return set(found.values_list("rule", flat=True))


def test_the_relation_has_every_fact_and_nothing_else(world):
    with connection.cursor() as cursor:
        cursor.execute(facts.RELATION, facts.parameters(TODAY, pupils=[]))
        assert {column.name for column in cursor.description} == {"id", "institution_id", *FACTS}


def test_the_four_indicators_of_actualisation_are_found_and_go_when_mended(world):
    ivan, oksana = world.pupils["ivan"], world.pupils["oksana"]

    def spoil():
        PupilDocument.objects.filter(pupil=ivan).delete()
        Pupil.objects.filter(pk=ivan.pk).update(born_on=datetime.date(2001, 3, 1))
        day = datetime.date(2026, 9, 1)
        ContactState.objects.create(pupil=ivan, status="LOST_BOTH", starts_on=day)
        PupilCategory.objects.create(pupil=oksana, code="ABROAD", country="PL", starts_on=day)
        PupilCategory.objects.create(pupil=ivan, code="IDP", starts_on=day)
        PupilAddress.objects.create(pupil=ivan, kind="ACTUAL", country="PL", line="Краків")

    write(actor=SYSTEM, make=spoil)
    assert check(world) == 2
    expected = {
        "certificate.missing", "born_on.age_for_grade", "displaced.no_document",
        "displaced.no_origin", "abroad.not_marked", "contact_status.lost",
        "contact_status.no_attempts", "contact_status.no_actions",
    }  # fmt: skip
    assert expected <= rules_of(ivan)
    assert "abroad.no_studies" in rules_of(oksana)

    def mend():
        PupilDocument.objects.create(
            pupil=ivan, type="BIRTH_UA", series="I-АА", number="123456", is_primary=True
        )
        Pupil.objects.filter(pk=ivan.pk).update(born_on=datetime.date(2016, 3, 1))
        ContactState.objects.update(ends_on=TODAY)
        ContactState.objects.create(pupil=ivan, status="RESTORED", starts_on=TODAY)
        PupilCategory.objects.filter(pupil=ivan).update(
            document="7301-5000000001", issued_on=TODAY, origin_code="UA14000000000091971"
        )
        PupilCategory.objects.filter(pupil=oksana).update(studies_there=True)
        PupilAddress.objects.filter(pupil=ivan).update(country="UA")
        mother = Guardian.objects.create(
            surname="Іваненко", given_name="Ольга", phone="+380671234567"
        )
        Guardianship.objects.create(
            pupil=ivan, guardian=mother, relation="MOTHER", starts_on=ivan.born_on
        )

    write(actor=SYSTEM, make=mend)
    services.check_pupils(actor=SYSTEM, pupil_ids=[ivan.pk, oksana.pk], today=TODAY)
    assert rules_of(ivan) == set()
    assert rules_of(oksana) == {"representative.missing"}


def test_a_document_is_out_of_date_the_day_after_its_last(world):
    ivan = world.pupils["ivan"]

    def valid_to(day):
        write(actor=SYSTEM, make=lambda: ivan.documents.update(valid_to=day))
        services.check_pupils(actor=SYSTEM, pupil_ids=[ivan.pk], today=TODAY)
        return "document_valid_to.expired" in rules_of(ivan)

    assert not valid_to(TODAY)
    assert valid_to(TODAY - datetime.timedelta(days=1))


def test_what_stands_in_the_register_is_what_python_says_of_the_same_facts(world):
    check(world)
    for pupil in Pupil.objects.filter(institution=world.institutions["school1"]):
        told = facts.of_pupils([pupil.pk], TODAY)[pupil.pk]
        assert {p.key.replace(":", ".") for p in judge(told)} == rules_of(pupil)


def test_found_again_keeps_its_first_day_and_a_second_run_of_the_night_does_nothing(world):
    check(world)
    before = list(QualityFinding.objects.values_list("pk", "found_on"))
    services.check_institutions(
        actor=SYSTEM,
        ids=[world.institutions["school1"].pk],
        now=NOW,
        today=TODAY + datetime.timedelta(days=1),
    )
    assert list(QualityFinding.objects.values_list("pk", "found_on")) == before
    assert check_quality() > 0
    assert check_quality() == 0


def test_a_stranger_checks_nothing_and_an_analyst_only_reads(world):
    with pytest.raises(NotFound):
        check(world, "school2")
    with pytest.raises(NotAllowed):
        check(world, who="maria")
    with pytest.raises(NotAllowed):
        services.check_pupils(actor=world.actor("olena"), pupil_ids=[], today=TODAY)


def page(world, who, name, query="", **kwargs):
    client = Client()
    sign_in(client, world.grants[who])
    return client.get(reverse(name, kwargs=kwargs) + query, follow=True).content.decode()


def test_names_are_only_for_whoever_sees_them(world):
    check_quality()
    keep_tallies()
    code = "representative.missing"
    assert "Іваненко" in page(world, "olena", "quality_rule", code=code)
    assert "Виправити" in page(world, "olena", "quality_rule", code=code)
    above = page(world, "bohdan", "quality_rule", code=code)
    assert "Іваненко" in above
    assert "Виправити" not in above
    school = f"?institution={world.institutions['school1'].uid}"
    for who in ("iryna", "maria"):
        assert "Чернівецький ліцей № 1" in page(world, who, "quality_rule", code=code)
        for query in ("", school):
            assert "Іваненко" not in page(world, who, "quality_rule", query, code=code)
    assert "Іваненко" not in page(world, "petro", "quality_rule", code=code)
    assert "Немає жодного представника" in page(world, "maria", "quality")


def test_the_card_shows_open_problems_with_the_way_to_mend_them(world):
    shown = page(world, "olena", "pupil_detail", pupil_id=world.pupils["ivan"].pk)
    assert "Не внесено жодного законного представника." in shown
    assert reverse("pupil_guardian_new", args=[world.pupils["ivan"].pk]) in shown


def test_every_rule_leads_to_a_page_that_is(world):
    for rule in current().rules:
        path = rule.fix_url.partition("#")[0]
        resolve(path.replace("{pupil}", str(world.pupils["ivan"].pk)))


def test_the_pack_is_public_with_its_version(client):
    answer = client.get(reverse("rule_pack", args=["2026"]))
    told = answer.json()
    assert (told["version"], len(told["rules"])) == (current().version, len(current().rules))
    assert client.get(
        reverse("rule_pack", args=["2026"]), headers={"If-None-Match": answer["ETag"]}
    ).status_code == 304  # fmt: skip
    assert client.get("/rules/1999.json").status_code == 404


def test_a_runner_is_public_and_comes_as_it_is_tested(client):
    for name, word in (
        ("aikom_quality.py", "class Pack"),
        ("aikom-quality.mjs", "export class Pack"),
    ):
        assert word in client.get(reverse("rule_runner", args=[name])).content.decode()
    assert client.get("/rules/runner/pyproject.toml").status_code == 404


def test_a_check_at_demand_says_what_it_found(world):
    client = Client()
    sign_in(client, world.grants["olena"])
    answer = client.post(reverse("quality_check"), follow=True)
    assert "Є що виправити" in answer.content.decode()
    assert QualityFinding.objects.filter(found_on=clock.today()).exists()
