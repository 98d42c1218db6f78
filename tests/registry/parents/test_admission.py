"""A parent's own applications to grade 1 (issue 10 point 5): by address, several schools, deadlines."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from registry.admission import services as admission
from registry.admission.errors import AdmissionClosed, ApplicationDecided, PlacesNotSet
from registry.admission.houses import street_key
from registry.admission.models import Application, ServiceStreet
from registry.admission.services import parents as services
from registry.admission.services.parents import Wish
from registry.parents.selectors import applications
from tests.kit.acts import noted
from tests.registry.admission.kit import JULY, JUNE, MAY, at, cells, places
from tests.registry.parents.kit import FATHER, MOTHER, STRANGER, enter, parent
from tests.world import World, sign_in

pytestmark = pytest.mark.django_db
CODE = "UA73060610010033137"


@command
def _streets(world: World, *, actor: Any) -> None:
    for key, houses in (("school1", "1–25 непарні"), ("school2", "2–24 парні")):
        ServiceStreet.objects.create(
            institution=world.institutions[key],
            territory_code=CODE,
            street="вул. Шкільна",
            street_key=street_key("вул. Шкільна"),
            houses=houses,
        )
    noted()


@pytest.fixture
def ready(world: World) -> World:
    """Two schools of one community, two places each, a street between them."""
    places(world, many=1)
    places(world, "petro", "school2", many=1)
    _streets(world, actor=world.actor("admin"))
    return world


def wishes(world: World, *keys: str, claims: tuple[str, ...] = ()) -> list[Wish]:
    return [Wish(world.institutions[key].pk, claims) for key in keys]


def applied(
    world: World, *keys: str, number: int = 1, by: str = MOTHER, moment: Any = MAY, **more: Any
) -> Any:
    return services.apply(
        actor=parent(by), values=cells(number, **more), wishes=wishes(world, *keys), moment=moment
    )


def test_a_parent_finds_the_school_of_the_address_applies_to_two_and_sees_the_state(
    ready: World, client: Client
) -> None:
    with time_machine.travel(MAY.now, tick=False):
        enter(client, parent())
        asked = client.post(
            reverse("parent_place"), {"territory": CODE, "line": "вул. Шкільна, 12, кв. 3"}
        )
        assert asked["Location"] == reverse("parent_apply")
        page = client.get(reverse("parent_apply")).content.decode()
        first, second = "Чернівецька гімназія № 2", "Чернівецький ліцей № 1"
        assert f"{first} — ваша територія" in page.replace("\u00a0", " ")
        assert "Заявник" not in page.replace("Заявником", "")
        schools = {
            f"school{n}": str(ready.institutions[key].uid)
            for n, key in enumerate(("school2", "school1"), start=1)
        }
        child = {k: v for k, v in cells(1).items() if k != "applicant"}
        empty = client.post(reverse("parent_apply"), child)
        assert empty.status_code == 422
        assert "Виберіть хоча б один заклад" in empty.content.decode()
        wrong = client.post(reverse("parent_apply"), schools | child | {"born_on": "31.02.2021"})
        assert wrong.status_code == 422
        sent = client.post(
            reverse("parent_apply"),
            schools | child | {"claims1": ["TERRITORY"], "applicant": "Хтось Інший"},
        )
        assert sent.status_code == 303, sent.content.decode()[-3000:]
        one, two = Application.objects.order_by("wish")
        assert (one.institution.short_name, one.claims) == (first, ["TERRITORY"])
        assert (two.institution.short_name, two.claims) == (second, [])
        assert one.values["applicant"] == "Іваненко Надія Іванівна"
        assert one.values["applicant_rnokpp"] == MOTHER
        mine = client.get(reverse("parent_applications")).content.decode()
        assert "Подано" in mine
        head = Client()
        sign_in(head, ready.grants["petro"])
        card = head.get(reverse("application_detail", args=[one.pk])).content.decode()
        assert "батьки зі свого вікна" in card
        at_ = reverse("parent_application", args=[two.pk])
        assert client.get(at_).status_code == 200
        gone = client.post(at_, {"version": two.version, "ground": "передумали"})
        assert gone.status_code == 303
        two.refresh_from_db()
        assert (two.state, two.reason) == ("WITHDRAWN", "передумали")


def test_one_place_of_a_child_and_the_next_gets_what_is_taken_back(ready: World) -> None:
    """The engine's rule holds for parents' applications: the nearer wish wins, the farther is left."""
    near, far = applied(ready, "school1", "school2")
    for who, one in (("olena", near), ("petro", far)):
        admission.check(
            actor=ready.actor(who),
            application_id=one.pk,
            grounds=["TERRITORY"],
            version=one.version,
        )
        admission.by_right(actor=ready.actor(who), institution_id=one.institution_id, moment=JUNE)
    states = dict(Application.objects.values_list("wish", "state"))
    assert states == {1: "PLACED", 2: "SUPERSEDED"} or sorted(states.values()) == [
        "CHECKED",
        "PLACED",
    ]
    near.refresh_from_db()
    assert near.state == "PLACED"
    services.withdraw_own(
        actor=parent(), application_id=near.pk, version=near.version, ground="передумали"
    )
    near.refresh_from_db()
    assert near.state == "WITHDRAWN"
    with pytest.raises(ApplicationDecided):
        services.withdraw_own(
            actor=parent(), application_id=near.pk, version=near.version, ground="ще раз"
        )


@pytest.mark.parametrize(
    ("moment", "accepts"),
    [
        (at(3, 1), False),
        (at(5, 31, 23, 59, 59), True),
        (at(6, 1, 0, 0, 0), False),
        (JUNE, False),
        (JULY, True),
    ],
)
def test_days_of_the_year_are_kept_to_the_second_in_kyiv(
    ready: World, moment: Any, accepts: bool
) -> None:
    if accepts:
        assert applied(ready, "school1", moment=moment)
        return
    with pytest.raises(AdmissionClosed):
        applied(ready, "school1", moment=moment)
    assert not Application.objects.exists()


def test_all_of_the_wishes_or_none(ready: World) -> None:
    with pytest.raises(PlacesNotSet):
        applied(ready, "school1", "hub")
    with pytest.raises(Invalid):
        applied(ready, "school1", "school1")
    with pytest.raises(Invalid):
        applied(ready)
    with pytest.raises(Invalid):
        applied(ready, "school1", surname="Petrenko7")
    assert not Application.objects.exists()
    applied(ready, "school1")
    with pytest.raises(Invalid) as told:  # the other parent, about the same child
        applied(ready, "school2", "school1", by=FATHER)
    assert "зверніться до закладу" in told.value.problems[0].detail
    assert Application.objects.count() == 1


def test_an_application_is_its_parents_alone(ready: World, client: Client) -> None:
    (one,) = applied(ready, "school1")
    with pytest.raises(NotFound):
        applications.find(parent(STRANGER), one.pk)
    with pytest.raises(NotFound):
        services.withdraw_own(
            actor=parent(STRANGER), application_id=one.pk, version=one.version, ground="-"
        )
    with pytest.raises(StaleVersion):
        services.withdraw_own(
            actor=parent(), application_id=one.pk, version=one.version + 1, ground="-"
        )
    for who in ("olena", "petro"):
        assert applications.mine(ready.actor(who)) == []
        with pytest.raises(NotAllowed):
            services.apply(
                actor=ready.actor(who), values=cells(2), wishes=wishes(ready, "school1"), moment=MAY
            )
    enter(client, parent(STRANGER))
    assert client.get(reverse("parent_application", args=[one.pk])).status_code == 404


def test_offers_are_of_the_community_and_its_territory_first(ready: World) -> None:
    found = applications.offers(CODE, "вул. Шкільна, 7", MAY)
    assert [one.intake.institution_id for one in found if one.by_territory] == [
        ready.institutions["school1"].pk
    ]
    assert found[0].by_territory
    assert applications.offers("UA46000000000026241", "вул. Шкільна, 7", MAY) == []
    assert applications.offers("", "", MAY) == []
