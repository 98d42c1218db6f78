"""Possible duplicates: who sees what, who decides and by what, what the night may and may not do."""

from __future__ import annotations

import datetime
import re
import threading
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from kernel.errors import Invalid, NotAllowed, NotFound
from registry.drafts import services as drafts
from registry.drafts.judging import mark, said_of
from registry.identity import services
from registry.identity.errors import DoubtSettled
from registry.identity.services import doubts, seeking
from registry.models import Draft, DraftRow, PossibleDuplicate, Pupil, TraceDue
from registry.orders import services as orders
from registry.process import kind
from registry.tasks import seek_duplicates
from tests.registry.drafts.test_drafts import begin, numbered
from tests.registry.identity import kit
from tests.registry.identity.kit import MOMENT, a_second
from tests.registry.kit import MOMENT as NOVEMBER
from tests.registry.kit import signature_of
from tests.registry.orders.test_orders import FIELDS
from tests.world import World, sign_in


@pytest.fixture
def ivan(world: World) -> Pupil:
    return world.pupils["ivan"]


def as_(world: World, who: str) -> Client:
    client = Client()
    sign_in(client, world.grants[who])
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def night() -> set[frozenset[Any]]:
    """The pairs in doubt after a night."""
    seek_duplicates()
    pairs = PossibleDuplicate.objects.values_list("one_id", "other_id")
    return {frozenset(pair) for pair in pairs}


# ── who sees what ────────────────────────────────────────────────────────────
def test_a_school_learns_that_a_profile_elsewhere_exists_and_nothing_of_it(
    world: World, ivan: Pupil
):
    other = a_second(world, surname="Іваненкова", patronymic="Таємнович", number="777777")
    pair = kit.doubt(world, ivan, other)
    olena = as_(world, "olena")
    for path in ("/pupils/duplicates/", f"/pupils/duplicates/{pair.pk}/"):
        shown = text_of(olena, path)
        assert "Іваненко Іван" in shown
        assert "поза вашим підпорядкуванням" in shown
        for secret in ("Іваненкова", "Таємнович", "777777", "гімназія № 2", str(other.pk)):
            assert secret not in shown
        assert "однаков" not in shown, "in what the two agree"
    assert olena.get("/pupils/duplicates/?file=csv").status_code == 200
    told = doubts.find(world.actor("olena"), pair.pk)
    assert [told.one, told.other].count(None) == 1
    assert told.evidence == ()
    assert (told.may_decide, told.may_merge, told.may_say) == (False, False, True)


def test_the_authority_above_both_sees_both_and_why(world: World, ivan: Pupil):
    pair = kit.doubt(world, ivan, a_second(world, surname="Іваненкова"))
    told = doubts.find(world.actor("bohdan"), pair.pk)
    assert len(told.seen) == 2
    assert "дата народження однакова" in told.evidence
    assert told.may_decide
    shown = text_of(as_(world, "bohdan"), f"/pupils/duplicates/{pair.pk}/")
    assert "Іваненкова" in shown
    assert "Дата народження однакова" in shown


@pytest.mark.parametrize(
    ("who", "at", "sees"),
    [
        ("iryna", "school2", True),  # the oblast above both
        ("taras", "school2", False),  # another oblast
        ("taras", "lviv_school", False),  # an oblast works without names: both, or nothing
        ("bohdan", "lviv_school", True),  # its own child alone
        ("petro", "school2", True),
        ("petro", "lviv_school", False),
    ],
)
def test_a_doubt_is_seen_from_where_its_children_are_reached(
    world: World, ivan: Pupil, who: str, at: str, sees: bool
):
    pair = kit.doubt(world, ivan, a_second(world, at=at))
    if sees:
        assert doubts.find(world.actor(who), pair.pk).pair == pair
    else:
        with pytest.raises(NotFound):
            doubts.find(world.actor(who), pair.pk)


# ── who decides ──────────────────────────────────────────────────────────────
def test_what_a_school_says_of_a_child_elsewhere_settles_nothing_and_is_told_above(
    world: World, ivan: Pupil
):
    pair = kit.doubt(world, ivan, a_second(world))
    with pytest.raises(NotAllowed):
        doubts.take_up(actor=world.actor("olena"), pair_id=pair.pk, moment=MOMENT)
    answer = as_(world, "olena").post(
        f"/pupils/duplicates/{pair.pk}/differ/", {"reason": "звірено зі свідоцтвом"}
    )
    assert answer.status_code == 303
    pair.refresh_from_db()
    assert (pair.state, pair.said) == ("NEW", "звірено зі свідоцтвом")
    assert "звірено зі свідоцтвом" in text_of(
        as_(world, "bohdan"), f"/pupils/duplicates/{pair.pk}/"
    )


def test_looked_into_told_apart_looked_into_again_and_merged(world: World, ivan: Pupil):
    other = a_second(world)
    pair = kit.doubt(world, ivan, other)
    bohdan = as_(world, "bohdan")
    address = f"/pupils/duplicates/{pair.pk}/"
    assert "1 можливий дублікат" in text_of(bohdan, "/")
    bohdan.post(address + "take/")
    assert "можливий дублікат" not in text_of(bohdan, "/")
    assert bohdan.post(address + "differ/", {"reason": " "}).status_code == 422
    assert bohdan.post(address + "differ/", {"reason": "близнюки"}).status_code == 303
    pair.refresh_from_db()
    assert (pair.state, pair.reason, pair.decided_by) == (
        "DIFFERENT",
        "близнюки",
        world.grants["bohdan"],
    )
    assert bohdan.post(address + "differ/", {"reason": "ще раз"}).status_code == 422
    bohdan.post(address + "take/")
    assert bohdan.post(address + "same/", {"ground": "свідоцтва"}).status_code == 422
    answer = bohdan.post(address + "same/", {"retained": str(ivan.pk), "ground": "свідоцтва"})
    assert answer.status_code == 303
    iryna = as_(world, "iryna")
    assert iryna.post(answer["Location"] + "confirm/").status_code == 303
    pair.refresh_from_db()
    assert (pair.state, pair.merge.merged_id) == ("SAME", other.pk)
    with pytest.raises(DoubtSettled):
        doubts.take_up(actor=world.actor("bohdan"), pair_id=pair.pk, moment=MOMENT)
    kit.unmerged(world, pair.merge)
    pair.refresh_from_db()
    assert (pair.state, pair.reason) == ("DIFFERENT", "різні діти")


def test_a_merge_rejected_says_that_the_two_are_two(world: World, ivan: Pupil):
    other = a_second(world)
    pair = kit.doubt(world, ivan, other)
    merge = kit.asked(world, ivan, other)
    services.reject_merge(
        actor=world.actor("iryna"), merge_id=merge.pk, reason="брати", moment=MOMENT
    )
    pair.refresh_from_db()
    assert (pair.state, pair.reason) == ("DIFFERENT", "брати")
    with pytest.raises(Invalid):
        doubts.differ(actor=world.actor("bohdan"), pair_id=pair.pk, reason="x" * 501, moment=MOMENT)


# ── the night ────────────────────────────────────────────────────────────────
def test_the_night_is_told_twice_and_finds_once_and_people_settle_for_good(
    world: World, ivan: Pupil
):
    other = a_second(world)
    both = frozenset((ivan.pk, other.pk))
    assert both in night()
    pair = PossibleDuplicate.objects.get(one_id=min(both), other_id=max(both))
    assert (pair.state, pair.points >= 15) == ("NEW", True)
    doubts.differ(actor=world.actor("bohdan"), pair_id=pair.pk, reason="близнюки", moment=MOMENT)
    kit.renamed(other, given_name="Івен")
    kit.renamed(other, given_name="Іван")
    assert both in night()
    pair.refresh_from_db()
    assert (pair.state, PossibleDuplicate.objects.filter(pk=pair.pk).count()) == ("DIFFERENT", 1)
    assert not TraceDue.objects.exists()


def test_a_name_mended_is_compared_anew_and_a_merged_profile_is_not(world: World, ivan: Pupil):
    other = a_second(world, given_name="Остап", surname="Зовсімінший")
    assert frozenset((ivan.pk, other.pk)) not in night()
    kit.renamed(other, given_name="Іван", surname="Iваненко")  # a Latin I
    assert frozenset((ivan.pk, other.pk)) in night()
    third = a_second(
        world, number="3", starts_on=kit.LAST_YEAR.replace(year=2024), ends_on=kit.LAST_YEAR
    )
    kit.merged(world, ivan, third)
    kit.renamed(third, patronymic="Іванович")
    seek_duplicates()
    shown = text_of(as_(world, "bohdan"), "/pupils/duplicates/")
    assert shown.count("/pupils/duplicates/0") == 1, (
        "the pair with the merged one is not asked about"
    )


def test_doubts_move_with_their_children(world: World, ivan: Pupil):
    other = a_second(world)
    night()
    kit.again(world, other, "school1")
    seek_duplicates()
    pair = PossibleDuplicate.objects.get(one=min(ivan, other, key=lambda c: c.pk))
    school1 = world.units["school1"].pk
    assert {pair.institution_id, pair.other_institution_id} == {school1}


@pytest.mark.django_db(transaction=True)
def test_a_night_killed_in_a_portion_leaves_it_whole_for_the_next(
    world: World, ivan: Pupil, monkeypatch: pytest.MonkeyPatch
):
    other = a_second(world)
    before = TraceDue.objects.count()

    class Killed(BaseException):
        pass

    def killed(*_: Any) -> int:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(seeking, "keep_alike", killed)
        with pytest.raises(Killed):
            seek_duplicates()
    assert TraceDue.objects.count() == before
    assert frozenset((ivan.pk, other.pk)) in night()
    assert not TraceDue.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_night_waits_for_nobody(world: World, ivan: Pupil):
    """A profile is held by somebody's open change, and the night goes on."""
    other = a_second(world)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # As commands hold a profile (people.services.holding): its key is not to change.
            cursor.execute("SELECT FROM registry_pupil WHERE id = %s FOR NO KEY UPDATE", [ivan.pk])
            held.set()
            done.wait(120)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(120)
        assert frozenset((ivan.pk, other.pk)) in night()
        assert thread.is_alive()  # it is still held: the night did not wait for its end
    finally:
        done.set()
        thread.join()


def test_only_the_system_seeks(world: World):
    with pytest.raises(NotAllowed):
        seeking.seek(actor=world.actor("bohdan"), now=kit.NOW)
    with pytest.raises(NotAllowed):
        seeking.place(actor=world.actor("admin"))


# ── on entry ─────────────────────────────────────────────────────────────────
def typed(world: World, **changes: str) -> tuple[Draft, DraftRow]:
    """A draft of one child, as it was judged."""
    draft = begin(world.actor("olena"), world, [numbered(1, applicant="Учень Марія", **changes)])
    return draft, draft.rows.get()


def signed(world: World, draft: Draft) -> Pupil:
    """The child that the order of a draft enrolled."""
    olena = world.actor("olena")
    order = orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=NOVEMBER)
    cms = signature_of(order, "olena")
    orders.sign(actor=olena, order_id=order.pk, cms=cms, moment=NOVEMBER)
    child: Pupil = order.rows.get().pupil
    return child


def pair_of(one: Pupil, other: Pupil) -> PossibleDuplicate:
    first, second = sorted((one.pk, other.pk))
    return PossibleDuplicate.objects.get(one=first, other=second)


TWIN = {
    "surname": "Ученьаааб",
    "patronymic": "Петрович",
    "born_on": datetime.date(2015, 9, 10),
    "ends_on": datetime.date(2026, 6, 1),
}


def test_on_entry_a_child_elsewhere_is_doubted_and_the_answer_goes_to_the_authority(world: World):
    twin = a_second(world, **TWIN)
    draft, row = typed(world, surname="Ученьаааг")  # one letter of another sound
    told = {one["code"]: one for one in row.problems}
    assert row.state == "CHECK"
    shown = text_of(as_(world, "olena"), reverse("draft_row", args=["enrol", draft.pk, row.pk]))
    assert "дуже схожими даними" in shown
    for secret in ("II-ТЕ", "900001", "Садова", "гімназія № 2", str(twin.pk), "Ученьаааб"):
        assert secret not in shown
    assert "pupil" not in told["namesake_nowhere"]
    drafts.answer(
        actor=world.actor("olena"),
        draft_id=draft.pk,
        key="surname:namesake_nowhere",
        seen=mark([row], said_of(kind("enrol"), "surname")),
        moment=NOVEMBER,
    )
    pair = pair_of(signed(world, draft), twin)
    assert (pair.state, pair.said_by) == ("NEW", world.grants["olena"])
    assert "звірено з документами" in pair.said


def test_on_entry_ones_own_twin_is_told_apart_with_a_reason_for_good(world: World):
    twin = a_second(world, at="school1", **TWIN)
    draft, row = typed(world, surname="Ученьаааг")
    page = reverse("draft_row", args=["enrol", draft.pk, row.pk])
    olena = as_(world, "olena")
    do = re.search(r'value="(other[^"]*TWINS)"', text_of(olena, page))
    assert do is not None
    olena.post(page, {"version": str(row.version), "do": do[1], "changed": ""})
    row.refresh_from_db()
    assert row.state == "READY", row.problems
    child = signed(world, draft)
    assert (pair_of(child, twin).state, pair_of(child, twin).reason) == ("DIFFERENT", "близнюки")
    night()
    assert pair_of(child, twin).state == "DIFFERENT"


def test_on_entry_the_same_child_under_a_misspelt_name_goes_on_with_its_profile(world: World):
    twin = a_second(world, at="school1", **TWIN)
    draft, row = typed(world, surname="Ученьаааг")
    doubt = next(one for one in row.problems if one["code"] == "twin")
    drafts.decide_twin(
        actor=world.actor("olena"),
        draft_id=draft.pk,
        row_id=row.pk,
        pupil_id=uuid.UUID(doubt["pupil"]),
        same=True,
        seen=mark([row], sorted(kind("enrol").identity)),
        moment=NOVEMBER,
    )
    row.refresh_from_db()
    assert row.pupil_id == twin.pk
    assert "profile_differs" in {one["code"] for one in row.problems}
