"""«Доступні послуги»: each person sees what is theirs, most pressing first, from what the apps registered."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import RequestFactory

from kernel.ui import context, menu, views
from tests.ui.drawing import tight


@dataclass(frozen=True)
class Somebody:
    signs: bool


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> menu.Registry:
    empty = menu.Registry()
    monkeypatch.setattr(menu, "registry", empty)
    return empty


def service(
    label: str, group: str = "Учні", order: int = 0, group_order: int = 0, **more: Any
) -> None:
    menu.register_service(
        menu.Service(
            url_name="ui_gallery",
            label=label,
            group=group,
            group_order=group_order,
            order=order,
            **more,
        )
    )


def home(actor: Any) -> str:
    request = RequestFactory().get("/")
    request.actor = actor  # type: ignore[attr-defined]
    request._messages = []  # type: ignore[attr-defined]
    return views.home(request).content.decode()


def test_services_stand_in_groups_in_their_order(registry: menu.Registry) -> None:
    service("Створення класу", group="Класи", group_order=2)
    service("Відрахування", order=2)
    service("Зарахування", order=1, is_new=True)
    page = home(Somebody(signs=True))
    order = [
        page.index(word)
        for word in ("Учні", "Зарахування", "Відрахування", "Класи", "Створення класу")
    ]
    assert order == sorted(order)
    assert page.count("нове") == 1


def test_nobody_sees_a_service_that_is_not_theirs(registry: menu.Registry) -> None:
    service("Підписати наказ", visible=lambda actor: actor.signs)
    service("Переглянути список")
    assert "Підписати наказ" in home(Somebody(signs=True))
    page = home(Somebody(signs=False))
    assert "Підписати наказ" not in page
    assert "Переглянути список" in page


def test_without_services_the_page_says_who_gives_them(registry: menu.Registry) -> None:
    assert "Для вас поки що немає послуг" in home(Somebody(signs=False))


def test_what_waits_for_a_signature_comes_before_drafts_and_data(registry: menu.Registry) -> None:
    def waiting(actor: Any) -> list[menu.Attention]:
        return [
            menu.Attention(kind=kind, title=title, text="", when="", url="/x/", action="Далі")  # type: ignore[arg-type]
            for kind, title in (("data", "Дані"), ("draft", "Чернетка"), ("sign", "Підпис"))
        ]

    menu.register_attention(waiting)
    menu.register_attention(waiting)
    page = home(Somebody(signs=True))
    order = [page.index(f"<h3>{title}</h3>") for title in ("Підпис", "Чернетка", "Дані")]
    assert order == sorted(order)
    assert page.count("<h3>Підпис</h3>") == 1, "a provider registered twice shows once"


def test_the_glance_shows_figures_and_the_chart_with_its_table(registry: menu.Registry) -> None:
    menu.register_glance(
        lambda actor: [
            menu.Glance(
                title="Заклад сьогодні",
                facts=[menu.Fact(label="Здобувачів", value="612")],
                chart_title="Учнів за паралелями",
                bars=[menu.Bar(label="1", value=58)],
            )
        ]
    )
    page = home(Somebody(signs=True))
    assert "<dd>612</dd>" in page
    assert '<th scope="row">1</th><td class="ak-num">58</td>' in tight(page)


def test_the_section_with_the_longest_address_is_the_current_one(registry: menu.Registry) -> None:
    for place, name in enumerate(("home", "ui_account", "ui_gallery")):
        menu.register_nav(menu.NavItem(url_name=name, label=name, order=place))
    current = [one["label"] for one in _nav(Somebody(signs=True), "/account/x/") if one["current"]]
    assert current == ["ui_account"]
    at_home = _nav(Somebody(signs=True), "/")
    assert [one["label"] for one in at_home if one["current"]] == ["home"]
    assert not any(one["current"] for one in _nav(Somebody(signs=True), "/elsewhere/"))


def _nav(actor: Any, path: str) -> list[dict[str, Any]]:
    nav, _ = menu.nav_and_bell(actor, path)
    return nav


def test_a_stranger_has_no_sections_and_costs_no_counting(registry: menu.Registry) -> None:
    def count(actor: Any) -> int:
        raise AssertionError("counted for a stranger")

    menu.register_nav(menu.NavItem(url_name="home", label="Дім", order=1, badge=count))
    request = RequestFactory().get("/")
    request.actor = None  # type: ignore[attr-defined]
    assert context.build(request)["nav"] == []


def test_a_refusal_is_told_even_when_the_frame_is_broken(registry: menu.Registry) -> None:
    def broken(actor: Any) -> int:
        raise RuntimeError("the counter is down")

    menu.register_nav(menu.NavItem(url_name="home", label="Дім", order=1, badge=broken))
    request = RequestFactory().get("/")
    request.actor = Somebody(signs=True)  # type: ignore[attr-defined]
    request._messages = []  # type: ignore[attr-defined]
    response = views.handler404(request)
    assert response.status_code == 404
    assert views.ABSENT in response.content.decode()


def test_a_refusal_keeps_the_frame_and_is_the_same_every_time(registry: menu.Registry) -> None:
    menu.register_nav(menu.NavItem(url_name="home", label="Дім", order=1))
    menu.register_identity(lambda request: menu.Identity(name="Ґалаґан Н. С."))

    def refused(path: str) -> bytes:
        request = RequestFactory().get(path)
        request.actor = Somebody(signs=True)  # type: ignore[attr-defined]
        request._messages = []  # type: ignore[attr-defined]
        request.id = "one number"  # type: ignore[attr-defined]
        return views.handler404(request).content

    assert "Ґалаґан Н. С." in refused("/a/").decode()
    assert refused("/a/") == refused("/b/")
