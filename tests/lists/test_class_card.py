"""The card of a class: its pupils, who came and who went, by which order; its list to be printed."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from lxml import html

from kernel.audit.models import Look
from registry.models import ClassPlacement
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import TODAY
from tests.registry.movements import test_annul
from tests.registry.orders.test_orders import prepared, sign
from tests.world import World, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_november(time_machine):
    time_machine.move_to(f"{TODAY} 14:00:00+02:00", tick=True)


def words(answer, path: str = "//main") -> str:
    page = html.fromstring(answer.content.decode())
    return " ".join(" ".join(one.text_content() for one in page.xpath(path)).split())


def left_class(order):  # type: ignore[no-untyped-def]
    """The class that the first child of an order of withdrawal leaves."""
    pupil = order.rows.first().pupil
    return ClassPlacement.objects.filter(enrolment__pupil=pupil).latest("pk").class_group


def test_a_class_shows_its_pupils_by_surname_and_counts_boys_and_girls(client, world: World):
    olena = world.actor("olena")
    order = sign(olena, prepared(olena, world, [numbered(1), numbered(2)]))
    group = world.classes["school1/5-Б"]
    sign_in(client, world.grants["olena"])
    answer = client.get(reverse("class_detail", args=[group.uid]))
    page = html.fromstring(answer.content.decode())
    (table,) = page.xpath("//table[caption[starts-with(normalize-space(), 'Учні 5-Б класу')]]")
    names = [" ".join(one.text_content().split()) for one in table.xpath(".//tbody/tr/th")]
    assert len(names) == 3
    assert "Ґудзь" in " ".join(names)
    heads = [" ".join(one.text_content().split()) for one in table.xpath(".//thead/tr/*")]
    place = heads.index("Стать") + 1
    assert table.get(f"data-l{place}") == "Стать"
    girls = sum(one.text_content() == "Ж" for one in table.xpath(f".//tbody/tr/*[{place}]"))
    assert f"{3 - girls} і {girls}" in words(answer)
    (moves,) = page.xpath("//table[caption[starts-with(normalize-space(), 'Рух учнів')]]")
    came = [" ".join(one.text_content().split()) for one in moves.xpath(".//tbody/tr")]
    assert sum(f"№ {order.number} від" in line for line in came) == 2
    assert all("Прибуття" in line for line in came)


def test_who_left_the_class_stands_among_its_moves_with_the_order(client, world: World):
    olena = world.actor("olena")
    order = test_annul.withdrawn(world, olena)
    pupil = order.rows.first().pupil
    group = left_class(order)
    sign_in(client, world.grants["olena"])
    told = words(client.get(reverse("class_detail", args=[group.uid])))
    assert re.search(rf"{pupil.surname} \S+ \S+ Вибуття [\d.]+\s*№ {order.number} від", told)


def test_whoever_works_without_names_sees_the_class_without_them(client, world: World):
    group = world.classes["school1/5-А"]
    sign_in(client, world.grants["maria"])
    told = words(client.get(reverse("class_detail", args=[group.uid])))
    assert "Іваненко" not in told
    assert "Імена дітей бачать заклад" in told
    assert client.get(reverse("class_print", args=[group.uid])).status_code == 403


def test_the_list_to_be_printed_is_one_table_with_its_heads_and_is_a_look(client, world: World):
    sign_in(client, world.grants["olena"])
    answer = client.get(reverse("class_print", args=[world.classes["school1/5-А"].uid]))
    page = html.fromstring(answer.content.decode())
    (table,) = page.xpath("//main//table")
    assert table.xpath("caption[not(@class)]")
    assert table.xpath("thead/tr/th[@scope='col']")
    assert "Іваненко" in words(answer)
    look = Look.objects.get(subject_type="registry.pupil")
    assert (look.subject_id, look.what) == (str(world.pupils["ivan"].pk), "друк списку класу")
