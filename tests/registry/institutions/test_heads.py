"""A head leaves in the two steps users know, and the next one has everything of the school's."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.urls import reverse

from accounts.errors import SecondHead
from accounts.models import Grant, Notice, UserSession
from accounts.roles import GrantState, Role
from accounts.services import grants
from accounts.services.people import Person
from kernel import clock
from kernel.clock import moment
from kernel.errors import Invalid, NotFound
from registry.drafts import selectors as drafts
from registry.models import Draft, Institution, Order, Pupil
from registry.orders import services as orders
from registry.orders.errors import OrderNotPrepared
from registry.orders.services import signing
from registry.people.errors import OnlyTheHeadSigns
from registry.reorganisation import services
from registry.support import notices
from registry.support import selectors as support_reads
from registry.support import services as support
from registry.support.events import SupportAnswered
from tests.accounts.test_notices import tell
from tests.kit.racing import Held, beside
from tests.registry.kit import MOMENT, signature_of
from tests.registry.movements import contract
from tests.registry.movements.test_withdraw import withdrawal
from tests.registry.reorganisation.kit import TERMS, signed
from tests.world import World, sign_in

SUCCESSOR = {
    "surname": "Наступна",
    "given_name": "Зоя",
    "patronymic": "Петрівна",
    "person_code": "7146714023",
    "email": "zoya@example.com",
    "ground": "наказ № 9-к від 20.11.2026",
}


def new_head(world: World) -> Grant:
    """The two steps: НЕАКТИВНИЙ, then «Створення облікового запису Керівника ЗО»."""
    bohdan = world.actor("bohdan")
    person = Person(**{key: SUCCESSOR[key] for key in list(SUCCESSOR)[:5]})
    school = world.institutions["school1"].unit.uid
    with pytest.raises(SecondHead):
        grants.create_head(actor=bohdan, institution=school, person=person)
    grants.deactivate(actor=bohdan, grant=world.grants["olena"].uid, reason="звільнено")
    made = grants.create_head(actor=bohdan, institution=school, person=person)
    world.grants["zoya"] = made
    grants.confirm_for_training(actor=grants_system(), grants=[made.pk])
    return made


def grants_system():
    from accounts import actors

    return actors.system("тест")


def test_drafts_orders_that_wait_and_questions_pass_to_the_next_head(world: World, client):
    olena = world.actor("olena")
    draft = withdrawal(world, olena, [world.pupils["ivan"].pk])
    waits = orders.prepare(actor=olena, draft_id=draft.pk, fields=contract.TERMS, moment=MOMENT)
    asked = support.ask(
        actor=olena,
        request_id=uuid.uuid4(),
        kind="QUESTION",
        title="Як",
        text="Що?",
        moment=moment(),
    )
    sign_in(client, world.grants["olena"])
    new_head(world)
    # The former head is out at once, in the pages and in the commands.
    assert client.get(reverse("home")).status_code == 302
    assert not UserSession.objects.filter(grant=world.grants["olena"], ended_at=None).exists()
    zoya = world.actor("zoya")
    with pytest.raises(OrderNotPrepared, match="Поверніть його на доопрацювання"):
        signing.take_effect(actor=zoya, order_id=waits.pk, verified_id=uuid.uuid4(), moment=MOMENT)
    orders.give_up(actor=zoya, order_id=waits.pk)
    assert drafts.find(zoya, draft.pk, "withdraw").state == "OPEN"
    again = orders.prepare(actor=zoya, draft_id=draft.pk, fields=contract.TERMS, moment=MOMENT)
    assert Order.objects.get(pk=again.pk).prepared_by_id == world.grants["zoya"].pk
    # What was asked is answered to who holds the post now.
    assert [one.pk for one in support_reads.mine(zoya)] == [asked.pk]
    support.answer(
        actor=world.actor("bohdan"),
        request_id=asked.pk,
        text="Так.",
        step="ask_back",
        moment=moment(),
    )
    tell(SupportAnswered, asked.pk, number=asked.number, state="WAITING_USER")
    told = Notice.objects.filter(code=notices.ANSWERED, closed_at=None)
    assert [one.grant_id for one in told] == [world.grants["zoya"].pk]
    support.write_more(actor=zoya, request_id=asked.pk, text="Дякую", moment=moment())
    for who in ("petro", "dana"):
        with pytest.raises(NotFound):
            support_reads.view(world.actor(who), asked.pk)


@pytest.mark.django_db(transaction=True)
def test_a_head_who_signs_in_the_second_of_being_dismissed_signs_before_or_not_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    olena, bohdan = world.actor("olena"), world.actor("bohdan")
    draft = withdrawal(world, olena, [world.pupils["ivan"].pk])
    order = orders.prepare(actor=olena, draft_id=draft.pk, fields=contract.TERMS, moment=MOMENT)
    held = Held(grants._end)
    monkeypatch.setattr(grants, "_end", held)
    cms = signature_of(order, "olena")
    outcomes = beside(
        lambda: grants.deactivate(
            actor=bohdan, grant=world.grants["olena"].uid, reason="звільнено"
        ),
        lambda: orders.sign(actor=olena, order_id=order.pk, cms=cms, moment=MOMENT),
        held,
    )
    assert outcomes == ["done", OnlyTheHeadSigns.code]
    assert Order.objects.get(pk=order.pk).state == "PREPARED"
    assert Pupil.objects.get(pk=world.pupils["ivan"].pk).institution_id is not None


def test_an_acting_head_is_a_head_until_a_day_that_the_authority_is_told_of(
    world: World, client, time_machine
):
    sign_in(client, world.grants["bohdan"])
    url = reverse("user_successor", args=[world.grants["olena"].uid])
    until = clock.today() + datetime.timedelta(days=10)
    past = client.post(url, SUCCESSOR | {"reason": "лікарняний", "acting_until": "01.01.2026"})
    assert past.status_code == 422
    assert "обовʼязків уже минув" in past.content.decode()
    client.post(url, SUCCESSOR | {"reason": "лікарняний", "acting_until": f"{until:%d.%m.%Y}"})
    made = Grant.objects.get(unit=world.institutions["school1"].pk, role=Role.HEAD, state="INVITED")
    assert (made.acting_until, made.position) == (until, grants.ACTING)
    card = client.get(reverse("user", args=[made.uid])).content.decode()
    assert f"{until:%d.%m.%Y}" in card
    assert "Минув строк в. о." not in client.get(reverse("home")).content.decode()
    time_machine.move_to(clock.at(until + datetime.timedelta(days=1), datetime.time(12)), tick=True)
    sign_in(client, world.grants["bohdan"])
    assert "Минув строк в. о. керівника: 1" in client.get(reverse("home")).content.decode()
    assert Grant.objects.get(pk=made.pk).state == GrantState.INVITED
    with pytest.raises(Invalid):
        grants.create_head(
            actor=world.actor("bohdan"),
            institution=world.institutions["school2"].unit.uid,
            person=Person("Інша", "Ія", "", "7146714023", "i@example.com"),
            acting_until=datetime.date(2026, 1, 1),
        )


def test_the_head_of_the_hub_makes_a_branch_whole_and_the_authority_closes_it(
    world: World, client, time_machine
):
    """F087: card, confirmation, work, head, classes; then nobody is left and it is closed."""
    time_machine.move_to(MOMENT.now, tick=True)
    hub = world.institutions["hub"]
    sign_in(client, world.grants["nina"])
    form = {
        "full_name": "Лужанська філія Мамаївського ліцею", "short_name": "Лужанська філія",
        "kind": "ZZSO", "type": "GYMNASIUM", "ownership": "COMMUNAL", "edrpou": "",
        "territory_code": "UA73060370010090405", "shifts": "1", "languages": ["uk"],
    }  # fmt: skip
    made = client.post(reverse("branch_new", args=[hub.uid]), form)
    branch = Institution.objects.select_related("unit").get(short_name="Лужанська філія")
    assert made["Location"] == reverse("institution_detail", args=[branch.uid])

    hanna, nina = type(client)(), client
    sign_in(hanna, world.grants["hanna"])
    hanna.post(reverse("institution_confirm", args=[branch.uid]), {"version": "1"})

    def turn(to: str) -> None:
        version = Institution.objects.get(pk=branch.pk).version
        order = services.prepare_status(
            actor=world.actor("hanna"),
            uid=branch.uid,
            version=version,
            to=to,
            fields=TERMS,
            moment=MOMENT,
        )
        signed(world, order, "hanna")

    turn("ACTIVE")
    # The hub's head appoints the branch's head and opens its classes.
    person = SUCCESSOR | {"unit": str(branch.unit.uid), "confirm": "1"}
    assert nina.post(reverse("user_new_head"), person).status_code == 303
    head = Grant.objects.get(unit=branch.pk, role=Role.HEAD)
    grants.confirm_for_training(actor=grants_system(), grants=[head.pk])
    zoya = type(client)()
    sign_in(zoya, Grant.objects.select_related("user", "unit").get(pk=head.pk))
    classes = {"labels": "1-А, 2-А", "type": "GENERAL", "form": "FULL_TIME", "language": "uk", "shift": "1"}  # fmt: skip
    assert nina.post(reverse("class_new", args=[branch.uid]), classes).status_code == 303
    assert "1-А" in zoya.get(reverse("class_list", args=[branch.uid])).content.decode()
    # The branch sees itself alone, other schools see nothing of it.
    assert zoya.get(reverse("institution_detail", args=[hub.uid])).status_code == 404
    olena = type(client)()
    sign_in(olena, world.grants["olena"])
    assert olena.get(reverse("institution_detail", args=[branch.uid])).status_code == 404

    turn("REORGANISING")
    turn("LIQUIDATED")
    assert zoya.get(reverse("home")).status_code == 302
    assert Grant.objects.get(pk=head.pk).state == GrantState.INACTIVE
    assert not branch.classes.filter(closed_on=None).exists()
    assert Draft.objects.filter(institution=branch.pk).count() == 0
    assert TERMS["issuer"] in hanna.get(reverse("institution_detail", args=[branch.uid])).content.decode()  # fmt: skip
