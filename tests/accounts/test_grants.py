"""The role cascade through its commands (issue 2 point 4; handbook B)."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from accounts import actors, policies
from accounts.errors import (
    AlreadyGranted,
    AnotherName,
    GrantHasEnded,
    GrantOnlyDownwards,
    InvitationSpent,
    SecondHead,
    UnitExists,
    UnitMisplaced,
    WrongState,
)
from accounts.models import Grant, Invitation, OrgUnit, User, UserSession
from accounts.roles import Duty, GrantState, Role, UnitKind
from accounts.selectors import invitations as invitation_selectors
from accounts.services import grants, invitations, units
from accounts.services.people import Person
from accounts.services.units import NewUnit
from kernel.audit import outbox
from kernel.audit.models import EventRow
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.world import World

Somebody = Callable[..., Person]


def new_unit(world: World, kind: str, parent: str, **changes: Any) -> NewUnit:
    fields = {
        "kind": kind,
        "parent": world.units[parent].uid,
        "name": "Відділ освіти Заставнівської міської ради",
        "edrpou": "99000011",
        "territory_code": "",
    }
    return NewUnit(**(fields | changes))


# ── giving downwards ─────────────────────────────────────────────────────────
def test_an_oblast_adds_an_authority_and_its_administrator_in_one_act(
    world: World, somebody: Somebody
) -> None:
    grant = grants.create_administrator(
        actor=world.actor("iryna"),
        unit=new_unit(world, UnitKind.HROMADA, "raion", territory_code="UA73060170000025681"),
        person=somebody(),
        ground="№ 5-к від 01.09.2026",
    )
    node = OrgUnit.objects.get(pk=grant.unit_id)
    assert (node.name, node.parent_id) == (
        "Відділ освіти Заставнівської міської ради",
        world.units["raion"].id,
    )
    assert node.hromada_id == node.id
    assert (grant.role, grant.state) == (Role.HROMADA_ADMIN, GrantState.INVITED)
    assert grant.given_by_id == world.grants["iryna"].pk
    assert grant.ground == "№ 5-к від 01.09.2026"


@pytest.mark.parametrize(
    ("who", "where", "kind"),
    [
        ("taras", "chernivtsi", "sideways"),
        ("bohdan", "chernivetska", "upwards"),
        ("bohdan", "chernivtsi", "oneself"),
        ("olena", "chernivtsi", "a head"),
    ],
)
def test_no_administrator_is_created_upwards_or_sideways(
    world: World, somebody: Somebody, who: str, where: str, kind: str
) -> None:
    with pytest.raises((GrantOnlyDownwards, NotFound)):
        grants.create_administrator(
            actor=world.actor(who), unit=world.units[where].uid, person=somebody()
        )
    assert not User.objects.filter(surname="Новенька").exists()


@pytest.mark.parametrize("who", ["maria", "dana"])
def test_an_analyst_and_a_deputy_create_nobody(world: World, somebody: Somebody, who: str) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        grants.create_head(
            actor=world.actor(who), institution=world.units["branch"].uid, person=somebody()
        )


def test_the_database_itself_refuses_a_grant_given_upwards(
    world: World, somebody: Somebody
) -> None:
    @command
    def forge(*, actor: actors.Actor, role: str, unit: str, by: str) -> None:
        noted()
        user = User.objects.create(surname="А", given_name="Б", person_code="0000100010")
        Grant.objects.create(
            user=user, unit=world.units[unit], role=role, given_by=world.grants[by]
        )

    for role, unit, by in (
        (Role.OBLAST_ADMIN, "lvivska", "bohdan"),
        (Role.HEAD, "lviv_school", "bohdan"),
        (Role.HEAD, "hub", "nina"),
        (Role.HEAD, "school1", "dana"),
        (Role.HROMADA_ADMIN, "school1", "iryna"),
    ):
        with pytest.raises(IntegrityError, match=r"grant|role"):
            forge(actor=actors.system("підробка"), role=role, unit=unit, by=by)


def test_the_head_of_a_hub_appoints_the_head_of_its_branch_and_no_other(
    world: World, somebody: Somebody
) -> None:
    nina = world.actor("nina")
    grant = grants.create_head(actor=nina, institution=world.units["branch"].uid, person=somebody())
    assert grant.role == Role.HEAD
    with pytest.raises(GrantOnlyDownwards, match="Керівника свого закладу"):
        grants.create_head(actor=nina, institution=world.units["hub"].uid, person=somebody(2))
    with pytest.raises(NotFound):
        grants.create_head(actor=nina, institution=world.units["school1"].uid, person=somebody(3))


def test_an_authority_may_appoint_the_head_of_a_branch_too(
    world: World, somebody: Somebody
) -> None:
    grant = grants.create_head(
        actor=world.actor("hanna"), institution=world.units["branch"].uid, person=somebody()
    )
    assert grant.state == GrantState.INVITED


def test_a_new_authority_stands_where_its_kind_may(world: World) -> None:
    iryna = world.actor("iryna")
    with pytest.raises(UnitMisplaced, match="не може підпорядковуватися"):
        units.create_unit(actor=iryna, unit=new_unit(world, UnitKind.HROMADA, "chernivtsi"))
    with pytest.raises(UnitMisplaced, match="поза територією"):
        units.create_unit(
            actor=iryna,
            unit=new_unit(world, UnitKind.HROMADA, "raion", territory_code="UA46060250000025047"),
        )
    with pytest.raises(UnitExists, match="Мамаївської"):
        units.create_unit(
            actor=iryna, unit=new_unit(world, UnitKind.HROMADA, "raion", edrpou="59900012")
        )
    with pytest.raises(GrantOnlyDownwards):
        units.create_unit(
            actor=world.actor("bohdan"), unit=new_unit(world, UnitKind.RAION, "chernivtsi")
        )


def test_everything_wrong_with_a_new_authority_is_told_at_once(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        units.create_unit(
            actor=world.actor("iryna"),
            unit=new_unit(
                world, UnitKind.HROMADA, "raion", name=" ", edrpou="123", territory_code="UA1"
            ),
        )
    assert [p.field for p in refused.value.problems] == ["name", "edrpou", "territory_code"]


# ── the person ───────────────────────────────────────────────────────────────
def test_one_person_is_one_row_however_many_grants(world: World, somebody: Somebody) -> None:
    first = grants.create_head(
        actor=world.actor("hanna"), institution=world.units["branch"].uid, person=somebody()
    )
    second = grants.create_deputy(
        actor=world.actor("nina"),
        person=somebody(email="other@example.com", given_name=" ВІРА"),
        duties=[Duty.PUPILS],
    )
    assert first.user_id == second.user_id


def test_a_known_number_with_another_name_is_refused_and_the_name_not_told(
    world: World, somebody: Somebody
) -> None:
    with pytest.raises(AnotherName) as refused:
        grants.create_deputy(
            actor=world.actor("petro"),
            person=somebody(person_code="7146710729"),  # Ганна Громадська
            duties=[Duty.PUPILS],
        )
    assert refused.value.field == "person_code"
    assert "Громадськ" not in refused.value.detail


def test_names_are_normalised_and_latin_look_alikes_refused(
    world: World, somebody: Somebody
) -> None:
    with pytest.raises(Invalid) as refused:
        grants.create_deputy(
            actor=world.actor("olena"),
            person=somebody(
                surname="Kовалeнко", given_name="", person_code="7146712359", email="немає"
            ),
            duties=[Duty.PUPILS],
        )
    told = {p.field: p.detail for p in refused.value.problems}
    assert set(told) == {"surname", "given_name", "person_code", "email"}
    assert "«Коваленко»" in told["surname"]


def test_the_same_grant_is_not_given_twice(world: World, somebody: Somebody) -> None:
    olena = world.actor("olena")
    grants.create_deputy(actor=olena, person=somebody(), duties=[Duty.PUPILS])
    with pytest.raises(AlreadyGranted):
        grants.create_deputy(actor=olena, person=somebody(), duties=[Duty.CLASSES])


# ── heads ────────────────────────────────────────────────────────────────────
def test_a_second_head_is_refused_naming_the_first_and_the_way_out(
    world: World, somebody: Somebody
) -> None:
    with pytest.raises(SecondHead, match="Шкільна Олена") as refused:
        grants.create_head(
            actor=world.actor("bohdan"), institution=world.units["school1"].uid, person=somebody()
        )
    assert refused.value.context["grant"] == str(world.grants["olena"].uid)
    assert "неактивним" in refused.value.detail


@pytest.mark.django_db(transaction=True)
def test_of_two_who_appoint_a_head_at_once_one_is_told_who_was_first(
    world: World, somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[str] = []
    create = Grant.objects.create

    def noted(**fields: Any) -> Grant:
        inside.append(fields["user"].person_code)
        return create(**fields)

    held = Held(noted)
    monkeypatch.setattr(Grant.objects, "create", held)
    institution = world.units["branch"].uid

    def appoint(who: str, number: int) -> Callable[[], object]:
        actor, person = world.actor(who), somebody(number)
        return lambda: grants.create_head(actor=actor, institution=institution, person=person)

    assert beside(appoint("hanna", 1), appoint("nina", 2), held) == ["done", SecondHead.code]
    assert len(inside) == 1  # the lock held the other back before it checked


def test_even_past_the_lock_the_constraint_reads_like_the_check(
    world: World, somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nobody:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            return lambda *a, **k: None if name == "first" else self

    monkeypatch.setattr(Grant.objects, "filter", lambda **k: Nobody())
    with pytest.raises(SecondHead):
        grants.create_head(
            actor=world.actor("bohdan"), institution=world.units["school1"].uid, person=somebody()
        )


def test_a_successor_is_appointed_in_the_same_act(world: World, somebody: Somebody) -> None:
    old = world.grants["olena"]
    new = grants.replace_head(
        actor=world.actor("bohdan"),
        grant=old.uid,
        reason="Звільнено, наказ № 7-к",
        person=somebody(),
        ground="№ 8-к від 20.11.2026",
    )
    old.refresh_from_db()
    assert (old.state, old.ended_reason) == (GrantState.INACTIVE, "Звільнено, наказ № 7-к")
    assert (new.unit_id, new.role, new.state) == (old.unit_id, Role.HEAD, GrantState.INVITED)


def test_the_reason_and_the_successor_are_checked_together(
    world: World, somebody: Somebody
) -> None:
    with pytest.raises(Invalid) as refused:
        grants.replace_head(
            actor=world.actor("bohdan"),
            grant=world.grants["olena"].uid,
            reason=" ",
            person=somebody(email=""),
        )
    assert [p.field for p in refused.value.problems] == ["reason", "email"]
    world.grants["olena"].refresh_from_db()
    assert world.grants["olena"].state == GrantState.ACTIVE


# ── many at once ─────────────────────────────────────────────────────────────
def test_a_table_of_heads_tells_every_problem_of_every_row_and_creates_none(
    world: World, somebody: Somebody
) -> None:
    rows = [
        grants.HeadRow(world.units["branch"].uid, somebody(1)),
        grants.HeadRow(world.units["branch"].uid, somebody(2, email="")),
        grants.HeadRow(world.units["hub"].uid, somebody(3, surname="Лaтинка")),
        grants.HeadRow(world.units["school1"].uid, somebody(4)),
        grants.HeadRow(None, somebody(5, person_code="7146710729")),
    ]
    with pytest.raises(Invalid) as refused:
        grants.create_heads(actor=world.actor("hanna"), rows=rows)
    assert {(p.field, p.code) for p in refused.value.problems} == {
        ("rows.1.email", "bad_email"),
        ("rows.1.institution", "twice"),
        ("rows.2.surname", "bad_surname"),
        ("rows.2.institution", "second_head"),
        ("rows.3.institution", "not_found"),
        ("rows.4.person_code", "another_name"),
        ("rows.4.institution", "not_found"),
    }
    assert not User.objects.filter(surname="Новенька").exists()


def test_a_good_table_of_heads_is_one_act(
    world: World, somebody: Somebody, django_assert_max_num_queries: Any
) -> None:
    hromada = world.units["hromada"]

    @command
    def more(*, actor: actors.Actor) -> list[OrgUnit]:
        noted()
        return [
            units.add_institution(
                parent_id=hromada.id, name=f"Гімназія {n}", edrpou=None, territory_code=None
            )
            for n in range(30)
        ]

    schools = more(actor=actors.system("заклади"))
    made = grants.create_heads(
        actor=world.actor("hanna"),
        rows=[grants.HeadRow(s.uid, somebody(n)) for n, s in enumerate(schools)],
    )
    assert len(made) == 30
    acts = set(
        EventRow.objects.filter(code="accounts.grant.given").values_list("act_id", flat=True)
    )
    assert len(acts) == 1


def test_checking_a_table_costs_the_same_for_one_row_and_for_thirty(
    world: World, somebody: Somebody, django_assert_num_queries: Any
) -> None:
    hanna = world.actor("hanna")
    rows = [grants.HeadRow(world.units["branch"].uid, somebody(n)) for n in range(30)]
    with django_assert_num_queries(3):
        grants.head_problems(hanna, rows[:1])
    with django_assert_num_queries(3):
        grants.head_problems(hanna, rows)


# ── life ─────────────────────────────────────────────────────────────────────
def open_visit(grant: Grant) -> UserSession:
    return UserSession.objects.create(
        user=grant.user,
        grant=grant,
        session_key_sha256=uuid.uuid4().bytes * 2,
        certificate_sha256=b"\x00" * 32,
        certificate_serial="00",
        certificate_not_after=timezone.now() + datetime.timedelta(days=1),
        started_at=timezone.now(),
    )


def test_inactive_ends_the_sessions_at_once_and_keeps_the_past(world: World) -> None:
    grant = world.grants["olena"]
    visit = open_visit(grant)
    grants.deactivate(actor=world.actor("bohdan"), grant=grant.uid, reason="Звільнено")
    visit.refresh_from_db()
    assert visit.ended_at is not None
    assert "неактивний: Звільнено" in visit.ended_reason
    assert Grant.objects.filter(pk=grant.pk).exists()
    event = EventRow.objects.get(code="accounts.grant.ended")
    assert event.payload == {"reason": "Звільнено", "sessions_ended": 1}


def test_inactive_is_final(world: World) -> None:
    bohdan, grant = world.actor("bohdan"), world.grants["olena"]
    grants.deactivate(actor=bohdan, grant=grant.uid, reason="Звільнено")
    for step in (grants.restore, grants.suspend, grants.deactivate):
        with pytest.raises(GrantHasEnded):
            step(actor=bohdan, grant=grant.uid, reason="ще раз")


def test_a_suspended_grant_can_be_restored(world: World) -> None:
    bohdan, grant = world.actor("bohdan"), world.grants["olena"]
    visit = open_visit(grant)
    grants.suspend(actor=bohdan, grant=grant.uid, reason="Перевірка")
    visit.refresh_from_db()
    assert visit.ended_at is not None
    with pytest.raises(WrongState):
        grants.suspend(actor=bohdan, grant=grant.uid, reason="Перевірка")
    grants.restore(actor=bohdan, grant=grant.uid, reason="Перевірку завершено")
    grant.refresh_from_db()
    assert grant.state == GrantState.ACTIVE


@pytest.mark.parametrize(
    ("who", "whom"),
    [
        ("olena", "olena"),
        ("petro", "olena"),
        ("taras", "olena"),
        ("dana", "olena"),
        ("bohdan", "bohdan"),
    ],
)
def test_who_stands_not_above_ends_nobodys_grant(world: World, who: str, whom: str) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        grants.deactivate(actor=world.actor(who), grant=world.grants[whom].uid, reason="ні")


def test_the_policy_knows_the_tree_by_itself_whatever_the_list_showed(world: World) -> None:
    olena = Grant.objects.select_related("unit").get(pk=world.grants["olena"].pk)
    for who, may in (("bohdan", True), ("admin", True), ("taras", False), ("hanna", False)):
        assert policies.manage.allows(world.actor(who), olena) is may, who
        assert policies.give.allows(world.actor(who), Role.HEAD, olena.unit) is may, who
    own = Grant.objects.select_related("unit").get(pk=world.grants["bohdan"].pk)
    assert "Свій запис" in str(policies.manage.refusal(world.actor("bohdan"), own))


def test_several_are_ended_together_or_none(world: World) -> None:
    bohdan = world.actor("bohdan")
    with pytest.raises(NotFound):
        grants.deactivate_many(
            actor=bohdan,
            grants=[world.grants["olena"].uid, world.grants["nina"].uid],
            reason="Реорганізація",
        )
    world.grants["olena"].refresh_from_db()
    assert world.grants["olena"].state == GrantState.ACTIVE
    assert (
        grants.deactivate_many(
            actor=bohdan,
            grants=[world.grants["olena"].uid, world.grants["petro"].uid],
            reason="Реорганізація",
        )
        == 2
    )


def test_duties_of_a_deputy_change_from_the_next_click(world: World) -> None:
    dana = world.grants["dana"]
    common = {"actor": world.actor("olena"), "grant": dana.uid}
    grants.change_duties(**common, seen=dana.duties, duties=[Duty.STAFF])
    assert world.actor("dana").duties == (Duty.STAFF,)
    with pytest.raises(Invalid):
        grants.change_duties(**common, seen=[Duty.STAFF], duties=[])
    with pytest.raises(StaleVersion):
        grants.change_duties(**common, seen=dana.duties, duties=[Duty.PUPILS])
    assert world.actor("dana").duties == (Duty.STAFF,)


# ── invitations ──────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_the_letter_goes_after_commit_and_says_which_key_is_needed(
    world: World, somebody: Somebody
) -> None:
    person = somebody()
    grant = grants.create_head(
        actor=world.actor("hanna"), institution=world.units["branch"].uid, person=person
    )
    outbox.drain()
    (letter,) = mail.outbox
    assert letter.to == [person.email]
    assert "59900012" not in letter.body  # the authority's code is not the branch's
    assert str(world.units["hub"].edrpou) in letter.body  # the hub's is: the branch has none
    assert person.person_code not in letter.body
    invitation = Invitation.objects.get(grant=grant)
    assert invitation.sent_at is not None
    token = letter.body.split("/login/invitation/")[1].split("/")[0]
    assert invitation_selectors.by_token(token, timezone.now()).pk == invitation.pk
    assert token.encode() not in bytes(invitation.token_sha256)


@pytest.mark.django_db(transaction=True)
def test_a_letter_is_written_once_however_many_workers_try(
    world: World, somebody: Somebody
) -> None:
    grant = grants.create_head(
        actor=world.actor("hanna"), institution=world.units["branch"].uid, person=somebody()
    )
    invitation = Invitation.objects.get(grant=grant)
    outbox.drain()
    again = invitations.send(
        actor=actors.system("ще раз"), invitation_id=invitation.pk, site="http://x"
    )
    assert again is False
    assert len(mail.outbox) == 1


def test_inviting_again_stops_the_old_link(world: World, somebody: Somebody) -> None:
    hanna = world.actor("hanna")
    grant = grants.create_head(
        actor=hanna, institution=world.units["branch"].uid, person=somebody()
    )
    old = Invitation.objects.get(grant=grant)
    new = invitations.resend(actor=hanna, grant=grant.uid, email="fixed@example.com")
    assert new.email == "fixed@example.com"
    assert (
        invitation_selectors.by_token(
            invitations.token_of(new.pk, new.created_at), timezone.now()
        ).pk
        == new.pk
    )
    with pytest.raises(InvitationSpent):
        invitation_selectors.by_token(invitations.token_of(old.pk, old.created_at), timezone.now())
    with pytest.raises(Invalid):
        invitations.resend(actor=hanna, grant=grant.uid, email="не пошта")
    with pytest.raises(WrongState):
        invitations.resend(actor=world.actor("bohdan"), grant=world.grants["olena"].uid)


def test_a_withdrawn_invitation_is_over(world: World, somebody: Somebody) -> None:
    hanna = world.actor("hanna")
    grant = grants.create_head(
        actor=hanna, institution=world.units["branch"].uid, person=somebody()
    )
    grants.withdraw_invitation(actor=hanna, grant=grant.uid)
    grant.refresh_from_db()
    assert grant.state == GrantState.INACTIVE
    assert not Invitation.objects.filter(grant=grant, withdrawn_at=None).exists()
    grants.create_head(actor=hanna, institution=world.units["branch"].uid, person=somebody())


# ── beginning ────────────────────────────────────────────────────────────────
def test_the_installation_begins_the_same_however_often_it_is_run(
    db: None, somebody: Somebody
) -> None:
    system = actors.system("встановлення")
    for _ in range(2):
        owner, technical = units.install(
            actor=system,
            owner=("Міністерство освіти і науки України", "38621185"),
            technical_administrator=("Інститут освітньої аналітики", "99000011"),
        )
        grant = grants.appoint_technical_administrator(actor=system, person=somebody())
    assert OrgUnit.objects.count() == 2
    assert technical.parent_id == owner.id
    assert Grant.objects.get() == grant
    assert grant.state == GrantState.INVITED


def test_only_the_training_world_confirms_without_a_key(
    world: World, somebody: Somebody, settings: Any
) -> None:
    grant = grants.create_head(
        actor=world.actor("hanna"), institution=world.units["branch"].uid, person=somebody()
    )
    system = actors.system("навчальний світ")
    settings.SYNTHETIC_DATA = False
    with pytest.raises(NotAllowed):
        grants.confirm_for_training(actor=system, grants=[grant.pk])
    settings.SYNTHETIC_DATA = True
    with pytest.raises(NotAllowed):
        grants.confirm_for_training(actor=world.actor("hanna"), grants=[grant.pk])
    assert grants.confirm_for_training(actor=system, grants=[grant.pk]) == 1
    grant.refresh_from_db()
    assert grant.state == GrantState.ACTIVE


# ── what the database keeps right ────────────────────────────────────────────
def test_a_grant_is_listed_where_its_node_stands_even_after_a_move(world: World) -> None:
    @command
    def move(*, actor: actors.Actor) -> None:
        noted()
        node = world.units["hromada"]
        node.parent = world.units["lvivska"]
        node.save()

    move(actor=actors.system("перенесення"))
    grant = Grant.objects.get(pk=world.grants["nina"].pk)
    assert grant.oblast_id == world.units["lvivska"].id
    assert list(Grant.objects.visible_to(world.actor("taras")).filter(pk=grant.pk)) == [grant]


def test_a_corrected_name_moves_in_every_list(world: World) -> None:
    @command
    def rename(*, actor: actors.Actor) -> None:
        noted()
        user = world.grants["olena"].user
        user.surname = "Ґудзь"
        user.save()

    before = Grant.objects.get(pk=world.grants["olena"].pk).sort_key
    rename(actor=actors.system("виправлення"))
    after = Grant.objects.get(pk=world.grants["olena"].pk).sort_key
    assert before != after
    assert after.startswith("E")


@pytest.mark.parametrize(
    ("who", "role", "at"),
    [
        ("iryna", Role.OBLAST_ADMIN, "chernivetska"),
        ("bohdan", Role.HROMADA_ADMIN, "chernivtsi"),
        ("iryna", Role.DEPUTY, "school1"),
    ],
)
def test_nobody_gives_a_role_of_the_own_level_nor_one_that_another_level_gives(
    world, who, role, at
):
    with pytest.raises(GrantOnlyDownwards):
        policies.give.require(world.actor(who), role, world.units[at])
