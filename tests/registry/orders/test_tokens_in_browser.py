"""A head with a token or a key in the cloud signs an order on its page; doubles speak the protocols."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from signatures.demo.cloud import CloudKeys
from signatures.demo.signing import sign_cms
from tests.registry.kit import key_of
from tests.registry.orders.test_elsewhere_in_browser import olena, shot, waiting_order
from tests.signatures.test_cloud import configured
from tests.signatures_browser.agents import CANCELLED, Agent, running
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["olena"]
TODAY = datetime.datetime.now(datetime.UTC)  # issued a day before


@pytest.fixture
def agent(live_server, settings) -> Iterator[Agent]:
    """An agent with Olena's token, that trusts this site; the site knows its address."""

    def sign(content: bytes) -> bytes:
        return sign_cms(content, *key_of("olena", at=TODAY), signing_time=now())

    with running(Agent(sign, {live_server.url})) as agent:
        settings.SIGNATURES_AGENTS = [agent.address]
        yield agent


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def open_token(page: Page, order) -> None:
    page.goto(reverse("order_detail", args=[order.pk]))
    page.get_by_text("Токен або хмарний ключ", exact=True).click()


@pytest.mark.parametrize("as_object", [False, True])
def test_a_token_signs_through_the_agent_of_this_computer(
    page: Page, olena: World, agent: Agent, assert_accessible, as_object: bool
):
    agent.as_object = as_object
    order = waiting_order(olena, 1)
    open_token(page, order)
    assert_accessible(page)
    shot(page, "token")
    page.get_by_role("button", name="Підписати токеном").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("підписано")
    order.refresh_from_db()
    assert order.state == "EFFECTIVE"
    assert not agent.opened  # the token is not left open for the next page
    assert agent.asked[-3:] == ["ReadPrivateKey", "Sign", "ResetPrivateKey"]


def test_what_the_agent_refuses_is_told_in_its_words_and_can_be_tried_again(
    page: Page, olena: World, agent: Agent
):
    order = waiting_order(olena, 1)
    agent.refuses = {"ReadPrivateKey": CANCELLED}
    open_token(page, order)
    page.get_by_role("button", name="Підписати токеном").click()
    expect(page.get_by_role("alert")).to_contain_text("Зчитування особистого ключа скасовано")
    agent.refuses = {}
    page.get_by_role("button", name="Підписати токеном").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("підписано")


def test_an_agent_that_does_not_run_or_trust_is_told(page: Page, olena: World, agent: Agent):
    order = waiting_order(olena, 1)
    agent.trusted = {"https://somewhere.else"}
    open_token(page, order)
    page.get_by_role("button", name="Підписати токеном").click()
    expect(page.get_by_role("alert")).to_contain_text("не відповідає")
    assert "Sign" not in agent.asked


def test_the_page_may_reach_no_other_address_than_the_configured(
    page: Page, olena: World, agent: Agent, live_server
):
    """The policy of the page, tried from inside it: another agent on this very computer."""
    order = waiting_order(olena, 1)
    with running(Agent(agent.sign, {live_server.url})) as other:
        page.goto(reverse("order_detail", args=[order.pk]))
        tried = """async (address) => {
            try {
              const body = JSON.stringify({jsonrpc: "2.0", id: 1, method: "GetVersion", params: [], session_id: null});
              const headers = {"Content-Type": "application/json-rpc"};
              return (await fetch(address, {method: "POST", headers, body})).status;
            } catch (why) { return why.name; }
        }"""
        assert page.evaluate(tried, agent.address) == 200
        assert page.evaluate(tried, other.address) == "TypeError"
        assert other.asked == []
        page.goto(reverse("order_list"))
        assert page.evaluate(tried, agent.address) == "TypeError"


def test_without_configuration_there_is_no_way_to_tokens_and_nothing_is_allowed(
    page: Page, olena: World
):
    order = waiting_order(olena, 1)
    answer = page.goto(reverse("order_detail", args=[order.pk]))
    assert answer
    assert "connect-src 'self';" in answer.headers["content-security-policy"] + ";"
    expect(page.get_by_text("Токен або хмарний ключ", exact=True)).to_have_count(0)


# ── the cloud ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("width", [1280, 390])
def test_a_cloud_key_signs_once_it_is_confirmed_on_the_phone(
    page: Page, olena: World, settings, tmp_path: Path, assert_accessible, width: int
):
    service = CloudKeys({olena.grants["olena"].user.person_code: key_of("olena", at=TODAY)})
    try:
        configured(settings, tmp_path, service)
        page.set_viewport_size({"width": width, "height": 900})
        order = waiting_order(olena, 1)
        open_token(page, order)
        assert_accessible(page)
        shot(page, f"ways-{width}")
        page.get_by_role("button", name="Хмара").click()
        expect(page.get_by_text("Чекаємо на підтвердження")).to_be_visible()
        code = page.locator("#cloud .ak-code").inner_text()
        assert_accessible(page)
        shot(page, f"cloud-{width}")
        assert code in service.say(confirmed=True).words
        expect(page.get_by_role("heading", level=1)).to_contain_text("підписано")
        order.refresh_from_db()
        assert order.state == "EFFECTIVE"
    finally:
        service.close()


def test_what_is_declined_on_the_phone_is_told(page: Page, olena: World, settings, tmp_path: Path):
    service = CloudKeys({olena.grants["olena"].user.person_code: key_of("olena", at=TODAY)})
    try:
        configured(settings, tmp_path, service)
        order = waiting_order(olena, 1)
        open_token(page, order)
        page.get_by_role("button", name="Хмара").click()
        expect(page.get_by_text("Чекаємо на підтвердження")).to_be_visible()
        service.say(confirmed=False)
        expect(page.get_by_role("alert")).to_contain_text("відхилено")
        order.refresh_from_db()
        assert order.state == "PREPARED"
    finally:
        service.close()
