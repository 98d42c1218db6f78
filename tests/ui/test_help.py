"""Help stands beside every service, leads on after every success, and says whom to ask."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from kernel.ui import help as texts
from kernel.ui import menu
from tests.architecture import sources
from tests.world import PEOPLE, World, sign_in


def text(response: Any) -> str:
    return str(response.content.decode())


def known_names() -> set[str]:
    return {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Names of addresses written there."""
    inside = (one for node in nodes for one in ast.walk(node))
    texts_ = {one.value for one in inside if isinstance(one, ast.Constant)}
    return {str(one) for one in texts_} & known_names()


# ── the texts ────────────────────────────────────────────────────────────────
def test_every_service_has_an_instruction_with_steps_and_what_can_go_wrong() -> None:
    missing = [
        one.label for one in menu.registry.services.values() if texts.of_service(one) is None
    ]
    assert not missing, f"Write <room>/help/<name>.toml: {missing}"
    for guide in texts.guides().values():
        assert guide.steps, guide.slug
        assert guide.wrong, guide.slug
        assert guide.next, guide.slug


def test_texts_name_only_pages_and_instructions_that_exist() -> None:
    names = known_names()
    for guide in texts.guides().values():
        keys = [*guide.pages, *(key for _, key in guide.next), *filter(None, [guide.service])]
        assert {key.partition("|")[0] for key in keys} <= names, guide.slug
        for _, key in guide.next:
            assert texts.address_of(key)
    pages = [key for guide in texts.guides().values() for key in guide.pages]
    assert len(pages) == len(set(pages)), "two instructions claim one page"
    assert {slug for one in texts.questions() for slug in one.see} <= set(texts.guides())


def test_the_questions_keep_their_source() -> None:
    assert len(texts.questions()) > 12
    assert "Інститут освітньої аналітики" in texts.sources()[0]


def test_after_every_success_there_is_a_way_on() -> None:
    """Where a page says that something was done, the page it leads to has an instruction, and its
    «Далі» stands under the message (ui/_messages.html)."""
    said, without = 0, []
    pages = {key.partition("|")[0] for guide in texts.guides().values() for key in guide.pages}
    for path, tree in sources.of("portal"):
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            calls = [one for one in ast.walk(function) if isinstance(one, ast.Call)]
            if not any(ast.unparse(one.func) == "messages.success" for one in calls):
                continue
            computed = names_in(one for one in calls if ast.unparse(one.func) == "reverse")
            for call in calls:
                if not ast.unparse(call.func).endswith("see_other"):
                    continue
                said += 1
                to = names_in(call.args[1:2]) or computed
                if not to & pages:
                    without.append(f"{path}:{call.lineno} leads to {to}")
    assert said > 20
    assert not without, f"Name the page in an instruction: {without}"


# ── the pages ────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_service_shows_its_instruction_and_the_instruction_leads_back(world: World) -> None:
    client = Client()
    sign_in(client, world.grants["olena"])
    page = text(client.get("/services/enrol/"))
    assert '<a class="ak-howto" href="/help/enrol/">' in page
    guide = text(client.get("/help/enrol/"))
    assert "Якщо щось не так" in guide
    assert 'href="/services/enrol/"' in guide
    stranger = text(Client().get("/help/enrol/"))
    assert "Якщо щось не так" in stranger
    assert 'href="/services/enrol/"' not in stranger


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("зарахування", "Як зарахувати учнів"),
        ("ЗАРАХУВАТИ учня", "Як зарахувати одного учня"),
        ("керівника змінено", "Керівника закладу змінено. Що робити?"),
        ("gfhjkm", "Як увійти"),  # «пароль» on another layout of the keyboard
    ],
)
def test_help_is_found_by_any_form_of_a_word(typed: str, found: str) -> None:
    page = text(Client().get("/help/", {"q": typed}))
    assert "Знайдено за словами" in page
    assert f">{found}</a>" in page
    assert "нічого немає" in text(Client().get("/help/", {"q": "гіпопотам"}))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "chain"),
    [
        (
            "dana",
            ["Шкільна Олена Василівна", "Міський Богдан Богданович", "Обласна Ірина Іванівна"],
        ),
        ("olena", ["Міський Богдан Богданович", "Обласна Ірина Іванівна"]),
        ("bohdan", ["Обласна Ірина Іванівна"]),
        ("iryna", []),
        ("taras", []),
    ],
)
def test_whom_to_ask_are_those_above_on_ones_own_branch_the_nearest_first(
    who: str, chain: list[str], world: World
) -> None:
    client = Client()
    sign_in(client, world.grants[who])
    page = text(client.get("/help/support/")).partition('id="main"')[2]
    everybody = [" ".join(filter(None, named[:3])) for named in PEOPLE.values()]
    shown = sorted((name for name in everybody if name in page), key=page.index)
    assert shown == chain
    assert "bohdan@example.com" in page if who == "olena" else True
    told = text(Client().get("/help/support/"))
    assert not [name for name in everybody if name in told]


@pytest.mark.django_db
def test_the_number_of_a_page_goes_to_support_and_is_copied(world: World, settings: Any) -> None:
    settings.SUPPORT_EMAIL = "help@example.com"
    client = Client(raise_request_exception=False)
    sign_in(client, world.grants["olena"])
    for path in ("/no-such-page/", "/problems/not_found", "/users/"):
        answer = client.get(path)
        number = answer.headers["X-Request-ID"][-8:].upper()
        assert f"/help/support/?ref={number}" in text(answer)
    page = text(client.get(f"/help/support/?ref={number}"))
    assert f'<span class="ak-code">{number}</span>' in page
    assert 'data-ak-copy="support-ref"' in page
    assert "mailto:help@example.com?subject=" in page
    assert reverse("help_support") == "/help/support/"
