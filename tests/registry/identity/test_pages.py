"""«Обʼєднання профілів дитини»: asked by one, decided by another, taken back."""

from __future__ import annotations

import pytest
from django.test import Client

from registry.identity.models import PupilMerge
from registry.models import Pupil
from tests.registry.identity import kit
from tests.registry.identity.kit import a_second, asked
from tests.world import World, sign_in


@pytest.fixture
def ivan(world: World) -> Pupil:
    return world.pupils["ivan"]


def as_(world: World, who: str) -> Client:
    client = Client()
    sign_in(client, world.grants[who])
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_asks_another_confirms_and_takes_it_back(world: World, ivan: Pupil):
    other = a_second(world, rnokpp="3471200008", rnokpp_state="VALUE")
    bohdan = as_(world, "bohdan")
    answer = bohdan.post(
        "/pupils/merges/new/",
        {"retained": "X-ТЕ 000001", "merged": "3471200008", "ground": "свідоцтва"},
    )
    merge = PupilMerge.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/pupils/merges/{merge.pk}/")
    assert (merge.retained_id, merge.merged_id) == (ivan.pk, other.pk)
    mine = page(bohdan, f"/pupils/merges/{merge.pk}/")
    assert "має інша особа" in mine
    assert "/confirm/" not in mine
    assert bohdan.post(f"/pupils/merges/{merge.pk}/confirm/").status_code == 403

    iryna = as_(world, "iryna")
    assert "1 обʼєднання чекає на рішення" in page(iryna, "/")
    assert "чекає на рішення" not in page(bohdan, "/")
    assert f"/pupils/merges/{merge.pk}/" in page(iryna, "/pupils/merges/?state=ASKED")
    shown = page(iryna, f"/pupils/merges/{merge.pk}/")
    for words in ("3471200008", "Зарахування", "Документи", "Чернівецька гімназія № 2"):
        assert words in shown
    assert iryna.post(f"/pupils/merges/{merge.pk}/confirm/").status_code == 303
    other.refresh_from_db()
    assert other.merged_into_id == ivan.pk

    shown = page(iryna, f"/pupils/merges/{merge.pk}/")
    assert "Попросити скасувати" in shown
    assert iryna.post(f"/pupils/merges/{merge.pk}/undo/", {"ground": " "}).status_code == 422
    answer = iryna.post(f"/pupils/merges/{merge.pk}/undo/", {"ground": "різні діти"})
    assert answer.status_code == 303
    mine = page(iryna, f"/pupils/merges/{merge.pk}/")
    assert "різні діти" in mine
    assert "/undone/" not in mine
    assert iryna.post(f"/pupils/merges/{merge.pk}/undone/").status_code == 403
    other.refresh_from_db()
    assert other.merged_into_id == ivan.pk
    assert "1 обʼєднання чекає на рішення" in page(bohdan, "/")
    assert bohdan.post(f"/pupils/merges/{merge.pk}/undone/").status_code == 303
    other.refresh_from_db()
    assert other.merged_into_id is None


def test_rejecting_needs_a_reason(world: World, ivan: Pupil):
    merge = asked(world, ivan, a_second(world))
    iryna = as_(world, "iryna")
    address = f"/pupils/merges/{merge.pk}/reject/"
    answer = iryna.post(address, {"reason": ""})
    assert answer.status_code == 422
    assert "Заповніть поле «Чому не обʼєднувати»" in answer.content.decode()
    assert iryna.post(address, {"reason": "брати"}).status_code == 303
    assert "брати" in page(iryna, f"/pupils/merges/{merge.pk}/")


def test_why_it_is_impossible_is_said_and_the_button_is_not_there(world: World, ivan: Pupil):
    merge = asked(world, ivan, a_second(world))
    other = merge.merged
    kit.again(world, other)
    iryna = as_(world, "iryna")
    shown = page(iryna, f"/pupils/merges/{merge.pk}/")
    assert "Обидва профілі зараз навчаються" in shown
    assert "/confirm/" not in shown
    answer = iryna.post(f"/pupils/merges/{merge.pk}/confirm/", follow=True)
    assert "Обидва профілі зараз навчаються" in answer.content.decode()
    merge.refresh_from_db()
    assert merge.state == "ASKED"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("№?", "Вкажіть документ"),
        ("3471200999", "у вашому підпорядкуванні немає"),
        ("X-ТЕ 000005", "у вашому підпорядкуванні немає"),
        ("01a2294c-06ff-750a-b2f5-85145df1a770", "у вашому підпорядкуванні немає"),
    ],
)
def test_a_profile_out_of_reach_and_an_absent_one_read_the_same(
    world: World, ivan: Pupil, text: str, words: str
):
    answer = as_(world, "bohdan").post(
        "/pupils/merges/new/", {"retained": str(ivan.pk), "merged": text, "ground": "x"}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
