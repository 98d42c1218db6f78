"""Odd values of parameters, marks and addresses are told (400), never crashed on (issue 8)."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest

from accounts import actors
from integrations.eis.api import resources
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel import paging
from kernel.audit.models import Look
from tests.eis.test_api import get, grant

ODD = {
    "superscript": "²",
    "arabic": "٣",
    "arabic id": "٣" * 8 + "-" + "٣" * 4 + "-0000-0000-" + "٣" * 12,
    "ten kilobytes": "9" * 10_000,
    "list": "[1,2]",
    "object": '{"a":1}',
    "negative": "-1",
    "huge": "99999999999999999999999999",
    "fraction": "1.5",
    "space": " ",
    "quote": "';--",
    "half a pair": "\ud800",
    "emoji": "👩‍🏫",
    "true": "true",
    "null": "null",
}


@pytest.fixture
def secret(world):
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    return grant(world, system, datasets=["institution", "classes", "pupils", "staff"]).secret


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("pupils", "limit"),
        ("pupils", "after"),
        ("pupils", "class"),
        ("pupils", "fields"),
        ("classes", "school_year"),
        ("classes", "after"),
        ("staff", "after"),
        ("institution", "fields"),
        ("pupils", "unknown"),
    ],
)
def test_odd_values_are_told_with_the_parameter_s_name(client, secret, path, name):
    met = {}
    for odd, text in ODD.items():
        value = quote(text.encode("utf-8", "surrogatepass"))
        answer = get(client, f"{path}?{name}={value}", secret)
        told = answer.json()["type"] in {"/problems/bad_parameter", "/problems/bad_cursor"}
        met[odd] = (answer.status_code, answer["Content-Type"], told)
    assert met == dict.fromkeys(ODD, (400, "application/problem+json", True))


def test_a_nul_is_refused_in_the_form_of_the_api(client, secret):
    answer = get(client, "pupils?class=%00", secret)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_an_unknown_parameter_is_told_with_the_list_of_those_known(client, secret):
    answer = get(client, "classes?schoolyear=2026-2027", secret)
    assert answer.status_code == 400
    assert answer.json()["known"] == ["after", "limit", "school_year", "fields"]


def test_a_parameter_given_twice_is_not_guessed_at(client, secret):
    assert get(client, "pupils?limit=1&limit=2", secret).status_code == 400


@pytest.mark.parametrize(
    "mark",
    [
        ("а", 5),
        ("а", "not an id"),
        ("а", None),
        ("а\x00", str(uuid.uuid4())),
        (["а"], str(uuid.uuid4())),
        ({"a": 1}, str(uuid.uuid4())),
        (True, str(uuid.uuid4())),
        ("а",),
        ("а", str(uuid.uuid4()), 1),
    ],
)
def test_an_invented_mark_of_pupils_is_told(client, secret, mark):
    answer = get(client, f"pupils?after={paging.encode(mark)}", secret)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad_cursor")


@pytest.mark.parametrize("mark", [(2**63, "А", 1), (1.5, "А", 1), (5, 5, 1), ("5", "А", 1)])
def test_an_invented_mark_of_classes_is_told(client, secret, mark):
    answer = get(client, f"classes?after={paging.encode(mark)}", secret)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad_cursor")


@pytest.mark.parametrize(
    "path", ["pupils/²", "pupils/1", "classes/٣", "dictionaries/²", "a" * 9000]
)
def test_an_odd_address_is_absent(client, secret, path):
    answer = get(client, quote(path), secret)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("secret_", ["²" * 40, "aikom_" + "9" * 10_000, "\x01"])
def test_an_odd_key_is_no_key(client, world, secret_):
    assert get(client, "pupils", secret_).status_code == 401


def test_only_the_fields_asked_for_are_sent_new_ones_too(client, world, secret):
    page = get(client, "classes?fields=label,version", secret).json()
    assert page["items"] == [{"label": "5-А", "version": 1}, {"label": "5-Б", "version": 1}]
    one = get(client, f"pupils/{world.pupils['ivan'].pk}?fields=surname", secret)
    assert one.json() == {"surname": "Іваненко"}


def test_every_v1_field_has_its_place_in_the_schema(client, world):
    schema = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    for name, resource in (
        ("Pupil", resources.PUPILS),
        ("Class", resources.CLASSES),
        ("Staff", resources.STAFF),
        ("Institution", resources.INSTITUTION),
    ):
        assert set(resource.default) <= set(schema[f"{name}Schema"]["properties"])


def test_a_known_version_is_not_sent_again(client, world, secret):
    path = f"pupils/{world.pupils['ivan'].pk}"
    tag = get(client, path, secret)["ETag"]
    again = client.get(
        f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}", "If-None-Match": tag}
    )
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


def test_a_key_s_reading_of_children_is_noted_once_a_day_and_nothing_else_is(client, world, secret):
    """Law 2297-VI: who saw whom. The ledger has every call; one look a day tells the child's page."""
    get(client, "classes", secret)
    assert Look.objects.count() == 0
    get(client, "pupils", secret)
    get(client, "pupils", secret)
    looks = Look.objects.filter(subject_type="registry.pupil")
    assert {look.subject_id for look in looks} == {
        str(world.pupils[name].pk) for name in ("ivan", "oksana")
    }
    assert looks.count() == 2
    assert {(look.actor_label, look.what) for look in looks} == {("ОІС «Моя школа»", "API: pupils")}
    get(client, f"pupils/{world.pupils['ivan'].pk}", secret)
    assert Look.objects.count() == 3


def test_nobody_is_noted_as_seen_when_the_answer_was_a_refusal(client, world, secret):
    get(client, f"pupils/{world.pupils['marko'].pk}", secret)
    get(client, "pupils?limit=x", secret)
    assert Look.objects.count() == 0
