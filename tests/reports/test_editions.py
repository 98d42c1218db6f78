"""Definitions published by the technical administrator: judged, previewed, holding from their day on."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from kernel.clock import Moment
from kernel.errors import Invalid
from reports import definition
from reports.selectors import figures
from reports.services import editions
from tests.reports import NOW, generate
from tests.reports.campaigns import refusal
from tests.world import sign_in

TEXT = definition.text_of("ZNZ1-1")
NEXT = TEXT.replace("version = 1", "version = 2", 1).replace(
    'title = "з них дівчата"', 'title = "у тому числі дівчата"'
)
TODAY = Moment(NOW, NOW.date())
DAY = datetime.date(2026, 11, 20)


def publish(world, text=NEXT, who="admin", since=DAY, version=1):
    return editions.publish(
        actor=world.actor(who),
        code="ZNZ1-1",
        text=text,
        since=since,
        version=version,
        moment=TODAY,
    )


def test_a_published_version_holds_from_its_day_and_past_reports_keep_theirs(richer):
    publish(richer)

    def title(as_of):
        run = generate(richer, "olena", "school1", as_of=as_of)
        return figures.form_of(run).row("1.13").title

    assert title(DAY) == "у тому числі дівчата"
    assert title(DAY - datetime.timedelta(days=1)) == "з них дівчата"
    assert refusal(publish, richer) == "stale_version"
    third = NEXT.replace("version = 2", "version = 3", 1)
    assert publish(richer, third, version=2).version == 3


def test_what_is_wrong_is_told_with_its_line_and_nothing_is_published(richer):
    assert refusal(publish, richer, who="maria") == "not_allowed"
    broken = NEXT.replace('sex = ["F"]', 'password = ["F"]').replace(
        'part_of = "1.14"', 'part_of = "9.99"'
    )
    with pytest.raises(Invalid) as no:
        publish(richer, broken, since=datetime.date(2020, 1, 1))
    told = [one.detail for one in no.value.problems]
    lines = NEXT.splitlines()
    sex = next(n for n, line in enumerate(lines, 1) if 'sex = ["F"]' in line)
    assert f"Рядок {sex}: у pupils немає слова password" in told
    assert any("9.99 немає серед rows" in one for one in told)
    assert any("Не раніше за 20.11.2026" in one for one in told)
    for text, said in (
        (TEXT, "нова має бути більшою"),
        (NEXT.replace('"ZNZ1-1"', '"ДРУГА"', 1), "інший код — інша форма"),
        ("це не TOML", "Це не TOML"),
        (NEXT.replace('code = "1.12"', 'code = "1.121"').replace('"1.12"', '"1.121"'), "якого тут немає"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as no:
            publish(richer, text)
        assert any(said in one.detail for one in no.value.problems), text[:40]


def test_the_editor_checks_previews_and_publishes(client, richer, time_machine):
    time_machine.move_to(NOW, tick=False)
    sign_in(client, richer.grants["admin"])
    forms = client.get(reverse("report_forms")).content.decode()
    at = reverse("report_form_edit", args=["ZNZ1-1"])
    assert at in forms
    given = {"text": NEXT, "version": "1", "since": "20.11.2026", "as_of": "05.09.2026"}
    broken = client.post(at, {**given, "text": NEXT.replace('["F"]', '["Ж"]'), "do": "publish"})
    assert "коду Ж немає в довіднику реєстру" in broken.content.decode()
    shown = client.post(at, {**given, "unit": "02147345", "do": "check"}).content.decode()
    assert "Опис правильний" in shown
    assert "до 4" in shown  # four girls and fewer are not told
    nobody = client.post(at, {**given, "unit": "00000000", "do": "check"})
    assert nobody.status_code == 422
    assert client.post(at, {**given, "do": "publish"}).status_code == 303
    page = client.get(at).content.decode()
    assert "у тому числі дівчата" in page
    assert "Версія 2" in page
    assert client.get(reverse("report_form_edit", args=["NONE"])).status_code == 404
