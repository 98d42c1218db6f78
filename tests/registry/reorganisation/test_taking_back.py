"""What an order of an authority wrote is taken back by its counter-order, until the first later change."""

from __future__ import annotations

import base64
import datetime

import pytest
from django.urls import reverse

from accounts.models import Grant, OrgUnit
from accounts.roles import GrantState
from integrations.eis.models import EisSystem, Mandate
from integrations.eis.services import systems
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound
from registry.certificates.models import StudyCertificate
from registry.models import (
    ClassGroup,
    ClassPlacement,
    Enrolment,
    Institution,
    Load,
    Order,
    Post,
    Pupil,
    Vacancy,
)
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.reorganisation.effect import document_of
from registry.reorganisation.errors import NotReorganised
from tests.eis import kit as eis
from tests.kit.acts import noted
from tests.registry.admission import kit as admission
from tests.registry.certificates import kit as certificates
from tests.registry.kit import NOW, TODAY, signature_of
from tests.registry.reorganisation import kit
from tests.registry.reorganisation.test_reorganisation import CITY, _peopled, learns, prepared
from tests.world import World, enrol, sign_in

SUMMER = datetime.date(2027, 5, 31)


@command
def _more(world: World, *, actor) -> None:
    """A branch, a vacancy, and a child of another school who learns here beside it."""
    school, branch = world.institutions["school1"], world.institutions["branch"]
    OrgUnit.objects.filter(pk=branch.pk).update(parent=school.pk)
    Institution.objects.filter(pk=branch.pk).update(hub=school.pk)
    Vacancy.objects.create(institution=school, position="TEACHER", opened_on=TODAY)
    beside = Pupil.objects.create(surname="Суботній", given_name="Лев", sex="M", born_on=datetime.date(2016, 4, 4))  # fmt: skip
    Enrolment.objects.create(pupil=beside, institution=school, kind="SUPPLEMENTARY", starts_on=datetime.date(2026, 9, 1), origin="MIGRATED")  # fmt: skip
    noted()


@pytest.fixture
def school(world: World, time_machine) -> World:
    time_machine.move_to(NOW, tick=True)
    _peopled(world, actor=world.actor("admin"))
    _more(world, actor=world.actor("admin"))
    return world


def state(world: World) -> dict[str, object]:
    """Everything that lasts at the city's schools, as readers see it."""
    ids = [world.institutions[one].pk for one in ("school1", "school2", "branch")]
    lasting = {"institution__in": ids, "voided_by": None}
    return {
        "learning": sorted(
            Enrolment.objects.filter(**lasting).values_list(
                "pupil", "institution", "kind", "starts_on", "ends_on", "end_reason"
            )
        ),
        "places": sorted(
            ClassPlacement.objects.filter(voided_by=None, enrolment__institution__in=ids)
            .values_list("enrolment__pupil", "class_group__uid", "form", "starts_on", "ends_on")
            .order_by("pk"),
            key=str,
        ),
        "posts": sorted(
            Post.objects.filter(**lasting).values_list("pk", "institution", "ends_on"),
            key=str,
        ),
        "classes": sorted(
            ClassGroup.objects.filter(institution__in=ids, closed_on=None).values_list(
                "institution", "grade", "letter", "teacher"
            ),
            key=str,
        ),
        "load": sorted(
            Load.objects.filter(institution__in=ids, voided_by=None).values_list("post", "ends_on"),
            key=str,
        ),
        "tree": sorted(OrgUnit.objects.values_list("pk", "path", "is_active")),
        "cards": sorted(Institution.objects.values_list("pk", "status", "hub"), key=str),
        "vacancies": sorted(Vacancy.objects.values_list("pk", "institution", "closed_on"), key=str),
    }


def test_a_reorganisation_taken_back_leaves_everything_as_it_was(school: World):
    before = state(school)
    order = kit.signed(school, prepared(school), "bohdan")
    assert state(school) != before
    counter = kit.revoked(school, "bohdan", order)
    assert state(school) == before
    order.refresh_from_db()
    assert (order.state, counter.corrects_id) == ("ANNULLED", order.pk)
    card = Institution.objects.get(pk=school.institutions["school1"].pk)
    last = card.statuses.order_by("-pk").first()
    assert (last.status, last.order_number, last.ground) == (
        "ACTIVE",
        "16-ОД",
        "Скасовано наказ № 412",
    )
    # Access that ended is given anew, never back (B.3).
    assert set(Grant.objects.filter(unit=card.pk).values_list("state", flat=True)) == {GrantState.INACTIVE}  # fmt: skip
    with pytest.raises(NotAnnullable, match="не чинний або вже скасований"):
        kit.revoking(school, "bohdan", order, number="17")
    # It may be given again.
    assert kit.signed(school, prepared(school, number="413"), "bohdan").state == "EFFECTIVE"


@pytest.mark.parametrize(
    "what", ["withdrawn", "joined", "dismissed", "vacancy", "status", "branch"]
)
def test_the_first_later_change_stands_in_the_way_and_is_named(school: World, what: str):
    heir = school.institutions["school2"]
    order = kit.signed(school, prepared(school), "bohdan")
    group = ClassGroup.objects.get(institution=heir.pk, letter="В")

    @command
    def later(*, actor) -> None:
        if what == "withdrawn":
            Enrolment.objects.filter(opened_by=order, pupil=school.pupils["ivan"]).update(ends_on=SUMMER)  # fmt: skip
        elif what == "joined":
            one = Pupil.objects.create(surname="Новий", given_name="Ян", sex="M", born_on=SUMMER.replace(year=2016))  # fmt: skip
            enrol(one, group)
        elif what == "dismissed":
            post = Post.objects.get(institution=heir.pk, employee__surname="Вчителенко")
            Load.objects.filter(post=post).update(ends_on=SUMMER)
            ClassGroup.objects.filter(pk=group.pk).update(teacher=None)
            Post.objects.filter(pk=post.pk).update(ends_on=SUMMER)
        elif what == "vacancy":
            Vacancy.objects.filter(institution=heir).update(closed_on=TODAY)
        elif what == "branch":
            Institution.objects.filter(pk=school.institutions["branch"].pk).update(hub=None)
        else:
            school.institutions["school1"].statuses.create(status="LIQUIDATED", since=TODAY)
        noted()

    waits = kit.revoking(school, "bohdan", order)
    later(actor=school.actor("admin"))
    said = {
        "withdrawn": r"Іваненко Іван.*запис про навчання відтоді змінено",
        "joined": "клас 5-В: у ньому вже інші діти",
        "dismissed": r"Вчителенко.*посаду відтоді змінено",
        "vacancy": "вакансії відтоді змінено",
        "status": "стан закладу відтоді змінено",
        "branch": "філії відтоді змінено",
    }[what]
    with pytest.raises(EnrolledMeanwhile, match=said):
        kit.signed(school, waits, "bohdan")
    assert Order.objects.get(pk=order.pk).state == "EFFECTIVE"


def test_certificates_that_the_successor_issued_meanwhile_are_told_and_stay(school: World, client):
    beforehand = certificates.signed(school, "ivan").certificates.get()
    order = kit.signed(school, prepared(school), "bohdan")
    given = certificates.signed(
        school, "ivan", who="petro", school="school2", head="petro"
    ).certificates.get()
    sign_in(client, school.grants["bohdan"])
    page = client.get(reverse("order_revoke", args=[order.pk])).content.decode()
    assert page.count("лишається чинною, доки її не анулює") == 1
    assert f"Довідка № {given.number} від" in page
    counter = kit.revoked(school, "bohdan", order)
    assert f"анулювати довідки про навчання: № {given.number} від" in str(document_of(counter))
    # What was signed stays as it was signed, of either school.
    states = {one.pk: one.state for one in StudyCertificate.objects.all()}
    assert states == {beforehand.pk: "ISSUED", given.pk: "ISSUED"}


def test_applications_to_the_successor_stay_and_the_school_takes_its_own_again(school: World):
    order = kit.signed(school, prepared(school), "bohdan")
    admission.places(school, "petro", "school2")
    (there,) = admission.applied(school, [admission.cells(1)], "petro", "school2")
    kit.revoked(school, "bohdan", order)
    there.refresh_from_db()
    assert (there.state, there.institution_id) == ("CHECKED", school.institutions["school2"].pk)
    admission.places(school)
    (here,) = admission.applied(school, [admission.cells(2)])
    assert here.institution_id == school.institutions["school1"].pk
    with pytest.raises(NotReorganised, match="прийом до першого класу: заяв 1"):
        prepared(school, number="413")


def test_a_key_of_a_system_ends_for_good_and_a_mandate_is_given_anew(school: World, client):
    systems.register_known(actor=school.actor("admin"))
    system = EisSystem.objects.get(name="Моя школа")
    key = eis.grant(school, system)
    assert eis.get(client, "classes", key.secret).status_code == 200
    order = kit.signed(school, prepared(school), "bohdan")
    ended = Mandate.objects.get()
    assert (eis.get(client, "classes", key.secret).status_code, ended.ended_at is None) == (401, False)  # fmt: skip
    kit.revoked(school, "bohdan", order)
    assert eis.get(client, "classes", key.secret).status_code == 401
    assert Mandate.objects.get().ended_at == ended.ended_at

    @command
    def appointed(*, actor) -> Grant:
        former = school.grants["olena"]
        noted()
        return Grant.objects.create(
            user_id=former.user_id, unit_id=former.unit_id, role=former.role,
            given_by=school.grants["bohdan"], state=GrantState.ACTIVE,
        )  # fmt: skip

    school.grants["olena"] = appointed(actor=school.actor("admin"))
    again = eis.grant(school, system)
    assert eis.get(client, "classes", again.secret).status_code == 200


def test_who_ended_in_the_state_register_ended_for_good(school: World):
    order = kit.signed(school, prepared(school), "bohdan")
    with pytest.raises(Invalid, match="ЄДР"):
        kit.revoking(school, "bohdan", order, unregistered="")
    with pytest.raises(NotReorganised, match="вже чекає"):
        kit.revoking(school, "bohdan", order) and kit.revoking(school, "bohdan", order)


@pytest.mark.parametrize("who", ["olena", "dana", "admin", "maria", "iryna", "taras", "hanna"])
def test_nobody_else_takes_it_back(school: World, who: str):
    order = kit.signed(school, prepared(school), "bohdan")
    with pytest.raises((NotAllowed, NotFound)):
        kit.revoking(school, who, order)


def test_a_suspension_and_a_change_of_place_are_taken_back_while_nothing_came_after(school: World):
    suspended = kit.turned(school, "bohdan", "SUSPENDED")
    kit.revoked(school, "bohdan", suspended)
    card = Institution.objects.select_related("unit").get(pk=school.institutions["school2"].pk)
    assert (card.status, card.unit.is_active) == ("ACTIVE", True)

    again = kit.turned(school, "bohdan", "SUSPENDED", number="20")
    kit.turned(school, "bohdan", "ACTIVE", number="21")
    with pytest.raises(NotAnnullable, match="стан закладу відтоді змінено"):
        kit.revoking(school, "bohdan", again, number="22")

    moved = kit.placed(school, "iryna", "school2", "hromada", number="23")
    with pytest.raises((NotAllowed, NotFound)):  # not above both places
        kit.revoking(school, "hanna", moved, number="24")
    before = OrgUnit.objects.get(pk=card.pk).path
    kit.revoked(school, "iryna", moved, number="25")
    assert OrgUnit.objects.get(pk=card.pk).path != before
    assert OrgUnit.objects.get(pk=card.pk).parent_id == school.units["chernivtsi"].pk


def test_the_authority_sees_every_effect_before_it_signs(school: World, client):
    order = kit.signed(school, prepared(school), "bohdan")
    sign_in(client, school.grants["bohdan"])
    detail = client.get(reverse("order_detail", args=[order.pk])).content.decode()
    address = reverse("order_revoke", args=[order.pk])
    assert address in detail
    page = client.get(address).content.decode()
    for words in (
        "4 дитини знову у", "класи відкрито знову", "вважатимуться невідкритими", "1 посада", "1 вакансія",
        "1 філія", "Заклад знову працює", "Облікові записи закладу лишаються неактивними", "Доступ інформаційних систем",
        "Іваненко Іван",
    ):  # fmt: skip
        assert words in page, words
    lacking = client.post(address, kit.TERMS | {"number": ""})
    assert lacking.status_code == 422
    assert "Вкажіть номер" in lacking.content.decode()
    unsaid = client.post(address, kit.TERMS)
    assert (unsaid.status_code, "ЄДР" in unsaid.content.decode()) == (422, True)
    formed = client.post(address, kit.TERMS | {"unregistered": "on"})
    counter = Order.objects.get(kind="revoke")
    assert formed["Location"] == reverse("order_detail", args=[counter.pk])
    paper = client.get(formed["Location"]).content.decode()
    assert "знову у «Чернівецький ліцей № 1»" in paper
    signature = signature_of(counter, "bohdan", edrpou=CITY)
    answer = client.post(
        reverse("order_sign", args=[counter.pk]),
        {"signature": base64.b64encode(signature).decode()},
    )
    assert answer.status_code == 303, answer.content.decode()
    assert learns(school.pupils["ivan"], TODAY) == [(school.institutions["school1"].pk, "5-А")]
    assert "скасовано іншим наказом" in client.get(reverse("order_detail", args=[order.pk])).content.decode()  # fmt: skip


# ── spin-off ─────────────────────────────────────────────────────────────────
def test_a_part_spins_off_and_the_school_lives_on(school: World):
    heir, old = school.institutions["school2"], school.institutions["school1"]
    klass = school.classes["school1/5-А"].pk
    before = state(school)
    with pytest.raises(NotReorganised, match="Виберіть, які класи або працівники"):
        prepared(school, way="SPIN")
    post = Post.objects.get(employee__surname="Вчителенко")
    order = prepared(school, way="SPIN", **{f"class-{klass}": f"N{heir.pk}"})
    kit.signed(school, order, "bohdan")
    assert learns(school.pupils["ivan"], TODAY) == [(heir.pk, "5-В")]
    assert learns(school.pupils["oksana"], TODAY) == [(old.pk, "5-Б")]
    # The class teacher goes with the class; whoever was not chosen stays, with everything else.
    assert Post.objects.filter(employee=post.employee, institution=heir.pk, ends_on=None).exists()
    card = Institution.objects.select_related("unit").get(pk=old.pk)
    assert (card.status, card.unit.is_active) == ("ACTIVE", True)
    assert Grant.objects.filter(unit=old.pk, state=GrantState.ACTIVE).exists()
    assert Vacancy.objects.get().institution_id == old.pk
    assert list(ClassGroup.objects.filter(institution=old.pk, closed_on=None).values_list("letter", flat=True)) == ["Б"]  # fmt: skip
    kit.revoked(school, "bohdan", order, unregistered="")
    assert state(school) == before


def test_a_class_teacher_does_not_leave_a_class_that_stays(school: World):
    post = Post.objects.get(employee__surname="Вчителенко")
    heir = school.institutions["school2"].pk
    with pytest.raises(NotReorganised, match=r"Вчителенко.*класний керівник 5-А"):
        prepared(school, way="SPIN", **{f"post-{post.pk}": str(heir)})
