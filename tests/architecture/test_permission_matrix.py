"""Every address of the installation against every persona: nothing is open by oversight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from accounts.models import Grant
from kernel.audit.models import Look
from signatures.browser import build
from tests.architecture import matrix
from tests.architecture.matrix import Row
from tests.eis.operators import opened
from tests.kit.cards import values_without_words
from tests.registry.parents.kit import enter, parent
from tests.world import PEOPLE, World, sign_in


def addresses(resolver: URLResolver | None = None) -> Iterator[tuple[str | None, str, Any]]:
    """Name, pattern and view of every address."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield one.name, str(one.pattern), one.callback
        else:
            yield from addresses(one)


ROWS = matrix.rows()


@pytest.fixture(scope="module", autouse=True)
def bundle() -> None:
    """The sign-in page names the hashes of the built signing files."""
    build.build()


def test_every_address_has_a_name_and_a_row() -> None:
    found = list(addresses())
    assert not [pattern for name, pattern, _ in found if not name]
    names = {name for name, _, _ in found}
    missing, spare = names - set(ROWS), set(ROWS) - names
    assert not missing, f"Say who may open them, in tests/architecture/matrix/: {sorted(missing)}"  # type: ignore[type-var]
    assert not spare, f"No such addresses any more: {sorted(spare)}"


def test_what_is_public_is_said_to_be() -> None:
    for name, _, view in addresses():
        row = ROWS[str(name)]
        marked = bool(getattr(view, "is_public", False))
        assert marked == (row.public or row.token), f"{name}: the view and its row disagree"


@pytest.mark.parametrize("name", sorted(ROWS))
@pytest.mark.django_db
def test_each_persona_meets_what_the_row_says(name: str, world: World) -> None:
    row = ROWS[name]
    url = reverse(name, kwargs=row.args(world) if row.args else {}) + row.query
    told = []
    stranger = outcome(Client(), url, row)
    if stranger != row.stranger():
        told.append(f"a stranger: {stranger}, expected {row.stranger()}")
    expected = dict.fromkeys(PEOPLE, "key") if row.api else row.expected()
    # Who is let in goes last: what they do must not change what the others meet.
    for who in sorted(expected, key=lambda who: expected[who] == "opens"):
        client = Client()
        sign_in(client, world.grants[who])
        met = outcome(client, url, row)
        if met != expected[who]:
            told.append(f"{who}: {met}, expected {expected[who]}")
        if expected[who] in {"refused", "absent"} and row.method == "GET":
            status = client.post(url).status_code
            if status not in {403, 404, 405}:  # never done, never even read
                told.append(f"{who}: a POST is answered {status}")
    assert not told, f"{name} {url}\n" + "\n".join(told)


# Pages of the cabinet that are the same for everybody who proved who they are.
OF_ANY_PERSON = {
    *("sign_out", "choose_grant", "my_visits", "notices", "notices_read", "notice_read"),
    # КАТОТТГ: public names of places, sought in the form of an application.
    *("territory_list", "territory_pick", "territory_cascade", "territory_detail"),
}


def _dummies(pattern: Any) -> dict[str, Any]:
    """Arguments of an address, whatever it is about: a parent is stopped before they are looked at."""
    values = {"UUIDConverter": matrix.NOWHERE, "IntConverter": 1}
    return {name: values.get(type(one).__name__, "x") for name, one in pattern.converters.items()}


@pytest.mark.django_db
def test_the_window_of_parents_opens_no_page_of_the_cabinet(world: World) -> None:
    """Every address there is, read and written: generated, so a new page is closed by itself."""
    client = enter(Client(), parent())
    for one in _patterns():
        name, view = str(one.name), one.callback
        path = reverse(name, kwargs=_dummies(one.pattern))
        if path.startswith("/api/") or getattr(view, "is_public", False) or name == "home":
            continue
        if getattr(view, "is_for_parents", False) or getattr(view, "needs_no_grant", False):
            assert name in OF_ANY_PERSON or path.startswith("/parents/"), name
            continue
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 404, path


@pytest.mark.django_db
def test_the_cabinet_of_an_operator_opens_no_page_of_the_portal(world: World) -> None:
    """Every address there is, read and written: generated, so a new page is closed by itself."""
    client = Client()
    sign_in(client, Grant.objects.select_related("user", "unit").get(pk=opened().pk))
    for one in _patterns():
        name, view = str(one.name), one.callback
        path = reverse(name, kwargs=_dummies(one.pattern))
        if path.startswith("/api/") or getattr(view, "is_public", False) or name == "home":
            continue
        if getattr(view, "is_for_operators", False) or getattr(view, "needs_no_grant", False):
            own = path.startswith(("/operator/", "/eis/papers/", "/eis/attestations/"))
            assert own or name in OF_ANY_PERSON, name
            continue
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 404, path


def _patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from _patterns(one)


# Files that hold no personal data, and what they hold instead.
FILES_OF_NOBODY: dict[str, str] = {
    "draft_template": "heads of an empty table",
    "draw_file": "numbers of children in public, as the page of the draw has them",
    "report_xlsx": "figures",
    "campaign_xlsx": "figures",
}


def outcome(client: Client, url: str, row: Row) -> str:
    """What somebody meets: opens, refused, absent, door (asked to sign in), key (API)."""
    looks = Look.objects.count()
    response = client.post(url) if row.method == "POST" else client.get(url)
    status = response.status_code
    name = resolve(url.partition("?")[0]).url_name
    taken = response.get("Content-Disposition", "").startswith("attachment")
    if taken and name not in FILES_OF_NOBODY and Look.objects.count() == looks:
        return "a file of personal data that is no look (kernel.audit.looked_at)"
    if status == 403:
        return "refused"
    if status == 404:
        return "key" if row.api else "absent"
    if row.api and status == 401:
        return "key"
    if status == 401 or (status == 302 and response["Location"].startswith("/login/")):
        return "door"
    if status == 200 and b"ak-cardtable" in response.content:
        nameless = values_without_words(response.content)
        if nameless:
            return f"cards whose values have no words beside them: {nameless}"
    if status in {200, 302, 303, 308, 400, 409, 410, 412, 422, 503}:
        return "opens"
    return f"status {status}"
