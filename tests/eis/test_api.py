"""A system reads one school by key, and only what the head opened."""

from __future__ import annotations

import datetime
import re
import uuid

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actors
from accounts.services import grants
from integrations.eis.models import EisSystem, LedgerEntry, SchoolKey
from integrations.eis.services import keys, systems
from kernel import clock
from kernel.audit import partitions
from kernel.audit.tasks import make_months
from kernel.clock import moment
from kernel.db import command
from kernel.once import Once, Replayed
from registry.models import Pupil
from tests.eis.kit import get, grant, issued, mandated
from tests.kit.acts import noted
from tests.world import World, enrol

TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def connected(world: World) -> EisSystem:
    systems.register_known(actor=actors.system("тест"))
    return EisSystem.objects.get(name="Моя школа")


def test_a_key_opens_the_school_of_the_head_and_no_other(client, world, connected):
    secret = grant(world, connected).secret
    names = [p["surname"] for p in get(client, "pupils", secret).json()["items"]]
    assert names == ["Ґудзь", "Іваненко"]
    assert get(client, "institution", secret).json()["short_name"] == "Чернівецький ліцей № 1"
    assert {c["label"] for c in get(client, "classes", secret).json()["items"]} == {"5-А", "5-Б"}
    own, foreign = world.pupils["ivan"], world.pupils["marko"]
    assert get(client, f"pupils/{own.pk}", secret).json()["surname"] == "Іваненко"
    hidden = get(client, f"pupils/{foreign.pk}", secret)
    absent = get(client, f"pupils/{uuid.uuid4()}", secret)
    assert hidden.status_code == absent.status_code == 404
    strip = lambda r: {k: v for k, v in r.json().items() if k != "instance"}  # noqa: E731
    assert strip(hidden) == strip(absent)


def test_a_hub_key_does_not_open_the_branch(client, world, connected):
    hub = grant(world, connected, "nina", "hub").secret
    branch = grant(world, connected, "nina", "branch").secret
    assert get(client, "pupils", hub).json()["items"] == []
    assert [p["surname"] for p in get(client, "pupils", branch).json()["items"]] == ["Філійна"]


def test_revoking_works_on_the_next_request(client, world, connected):
    key = grant(world, connected)
    assert get(client, "pupils", key.secret).status_code == 200
    keys.revoke_key(
        actor=world.actor("olena"), key_id=key.key.pk, reason="перевірка", now=timezone.now()
    )
    answer = get(client, "pupils", key.secret)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["type"] == "/problems/key_unknown"
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("secret", [None, "", "aikom_invented", "Bearer", "aikom_" + "я" * 10])
def test_without_a_working_key_nothing_opens(client, world, connected, secret):
    answer = get(client, "pupils", secret)
    assert answer.status_code == 401
    assert answer.json()["title"]


def test_a_key_before_and_after_its_period_is_refused(client, world, connected):
    today = clock.today()
    early = grant(world, connected, valid_from=today + datetime.timedelta(days=1)).secret
    assert get(client, "pupils", early).status_code == 401


def test_a_dataset_the_head_did_not_open_is_refused_by_name(client, world, connected):
    secret = grant(world, connected, datasets=["classes"]).secret
    answer = get(client, "pupils", secret)
    assert (answer.status_code, answer.json()["dataset"]) == (403, "pupils")


def test_suspending_the_system_stops_all_its_keys_and_restoring_brings_them_back(
    client, world, connected
):
    secret = grant(world, connected).secret
    admin = world.actor("admin")
    systems.suspend_system(
        actor=admin, system_uid=connected.uid, ground="28.2", explanation="інцидент", on=TODAY
    )
    assert get(client, "pupils", secret).json()["type"] == "/problems/system_not_connected"
    systems.restore_system(actor=admin, system_uid=connected.uid, explanation="усунено", on=TODAY)
    assert get(client, "pupils", secret).status_code == 200


def test_what_a_head_opened_ends_with_the_head(client, world, connected):
    """Handbook B.3: on НЕАКТИВНИЙ delegated keys are revoked; the successor grants anew."""
    secret = grant(world, connected).secret
    grants.deactivate(
        actor=world.actor("bohdan"),
        grant=world.grants["olena"].uid,
        reason="звільнення",
    )
    assert get(client, "pupils", secret).json()["type"] == "/problems/key_unknown"


def test_a_suspended_school_opens_nothing(client, world, connected):
    secret = grant(world, connected).secret

    @command
    def suspend(*, actor):
        unit = world.units["school1"]
        unit.is_active = False
        unit.save(update_fields=["is_active"])
        noted()

    suspend(actor=actors.system("тест"))
    assert get(client, "pupils", secret).json()["type"] == "/problems/institution_access_suspended"


def _many(world: World, number: int) -> None:
    @command
    def fill(*, actor):
        group = world.classes["school1/5-А"]
        for index in range(number):
            pupil = Pupil.objects.create(
                surname=f"Учень{'абвгґдеєжзиі'[index % 12]}",
                given_name="Ян",
                sex="M",
                born_on=datetime.date(2016, 1, 1),
            )
            enrol(pupil, group)
        noted()

    fill(actor=actors.system("тест"))


def test_pages_walk_every_pupil_once_in_ukrainian_order(client, world, connected):
    _many(world, 25)
    secret = grant(world, connected).secret
    seen, mark = [], None
    for _ in range(20):
        page = get(client, f"pupils?limit=4{f'&after={mark}' if mark else ''}", secret).json()
        seen += page["items"]
        mark = page["next"]
        if mark is None:
            break
    ids = [row["id"] for row in seen]
    assert len(ids) == len(set(ids)) == 27
    key = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя".index
    surnames = [[key(c) for c in row["surname"].lower()] for row in seen]
    assert surnames == sorted(surnames)


@pytest.mark.parametrize("mark", ["xxxx", "WzFd", "W251bGwsbnVsbF0", "WyJhIiwiYiJd"])
def test_a_damaged_page_mark_is_told_not_crashed_on(client, world, connected, mark):
    answer = get(client, f"pupils?after={mark}", grant(world, connected).secret)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad_cursor")


@pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "1.5", "²"])
def test_a_limit_out_of_range_is_told_with_its_name(client, world, connected, limit):
    answer = get(client, f"pupils?limit={limit}", grant(world, connected).secret)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/limit")


def test_every_call_is_in_the_ledger_with_its_rows(client, world, connected):
    made = grant(world, connected, datasets=["pupils"])
    get(client, "pupils?limit=1", made.secret)
    get(client, "classes", made.secret)
    entries = list(
        LedgerEntry.objects.order_by("id").values_list(
            "dataset", "status", "rows", "institution_id", "key_id"
        )
    )
    school = world.institutions["school1"].pk
    assert entries == [
        ("pupils", 200, 1, school, made.key.pk),
        ("classes", 403, 0, school, made.key.pk),
    ]


def test_the_ledger_is_kept_by_month_and_the_job_of_the_log_makes_its_months(
    client, world, connected
):
    def rows(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    where = "SELECT tableoid::regclass::text, count(*) FROM eis_ledger GROUP BY 1"
    secret = grant(world, connected).secret
    get(client, "pupils", secret)
    ((month, _),) = rows(where)
    assert month.startswith("eis_ledger_2")
    rows(f"ALTER TABLE eis_ledger DETACH PARTITION {month}")
    rows(f"DROP TABLE {month}")
    get(client, "classes", secret)  # of a month nobody made
    assert rows(where) == [("eis_ledger_rest", 1)]
    make_months()
    assert rows(where) == [(month, 1)]
    ((parts,),) = rows("SELECT count(*) FROM pg_inherits WHERE inhparent = 'eis_ledger'::regclass")
    assert parts >= partitions.MONTHS_AHEAD + 2  # this month, those ahead, and the rest
    assert LedgerEntry.objects.get().dataset == "classes"
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        LedgerEntry.objects.update(rows=7)


def test_a_page_of_one_costs_as_many_queries_as_a_page_of_a_hundred(client, world, connected):
    secret = grant(world, connected).secret
    _many(world, 30)

    def queries(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert get(client, f"pupils?limit={limit}", secret).status_code == 200
        return len(captured)

    assert queries(1) == queries(100) == 3


def test_the_secret_is_not_kept_and_a_double_click_issues_one_key(world, connected):
    mandate = mandated(world, connected)
    first = issued(world, mandate, once=Once("form", b"1"))
    assert first.secret.encode() not in bytes(first.key.secret_sha256)
    with pytest.raises(Replayed):
        issued(world, mandate, once=Once("form", b"1"))
    assert SchoolKey.objects.count() == 1


def test_only_the_head_of_that_school_grants(world, connected):
    from kernel.errors import NotAllowed, NotFound

    with pytest.raises(NotAllowed):
        grant(world, connected, "bohdan")
    with pytest.raises(NotAllowed):
        grant(world, connected, "dana")
    with pytest.raises(NotFound):
        grant(world, connected, "petro")


def test_a_system_awaiting_its_attestation_gets_no_key(world, connected):
    waiting = EisSystem.objects.get(name="НІТ")
    with pytest.raises(keys.errors.SystemNotConnected):
        grant(world, waiting)


def test_all_mistakes_of_a_grant_are_told_at_once(world, connected):
    from kernel.errors import Invalid

    with pytest.raises(Invalid) as refusal:
        grant(world, connected, datasets=[], valid_to=datetime.date(2020, 1, 1))
    assert {p.field for p in refusal.value.problems} == {"datasets", "valid_to"}


LETTER = "лист МОН від 23.05.2024 № 1/9095-24"


def test_the_systems_of_public_documents_stand_in_their_states_nine_by_the_letter(world, connected):
    rows = EisSystem.objects.values_list("name", "state", "source")
    assert {name: state for name, state, _ in rows} == {
        "Eddy": "CONNECTED",
        "Human школа": "CONNECTED",
        "Smart School": "AWAITING_KSZI",
        "Smart школа": "CONNECTED",
        "Всеосвіта": "CONNECTED",
        "Моя школа": "CONNECTED",
        "Мрія": "CONNECTED",
        "НІТ": "AWAITING_KSZI",
        "Нові знання": "CONNECTED",
        "КУРС: Школа": "CONNECTED",
        "Єдина школа": "CONNECTED",
    }
    # Two are named by later or earlier acts, each with its own source.
    assert len(rows) == 11
    assert {name for name, _, source in rows if source != LETTER} == {"КУРС: Школа", "Мрія"}
    assert systems.register_known(actor=actors.system("тест")) == 0


def test_codes_are_explained_by_open_dictionaries_and_no_others(client, world, connected):
    secret = grant(world, connected, datasets=["classes"]).secret
    listed = {item["name"] for item in get(client, "dictionaries", secret).json()["items"]}
    assert "education_form" in listed
    items = get(client, "dictionaries/education_form", secret).json()["items"]
    assert {"code": "FULL_TIME"}.items() <= items[0].items()
    assert get(client, "dictionaries/contact_status", secret).status_code == 404
    assert get(client, "dictionaries", None).status_code == 401


def test_writing_is_not_offered(client, world, connected):
    secret = grant(world, connected).secret
    answer = client.post(
        "/api/v1/pupils",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


def test_an_unknown_address_answers_in_the_form_of_the_api(client, world):
    answer = client.get("/api/v1/marks")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_too_many_calls_are_held_with_a_time_to_wait(client, world, connected, settings):
    settings.EIS_CALLS_PER_MINUTE = 2
    secret = grant(world, connected).secret
    statuses = [get(client, "institution", secret).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert int(get(client, "institution", secret)["Retry-After"]) >= 1


def test_each_answer_says_what_is_left_of_the_key_and_of_its_operator(
    client, world, connected, settings
):
    settings.EIS_CALLS_PER_MINUTE, settings.EIS_OPERATOR_CALLS_PER_MINUTE = 3, 4
    first, second = (
        grant(world, connected, *of).secret for of in (("olena", "school1"), ("petro", "school2"))
    )
    within = moment().now.replace(second=5)  # of one window
    with time_machine.travel(within, tick=False):
        answer = get(client, "institution", first)
        assert answer["RateLimit-Policy"] == '"key";q=3;w=60, "operator";q=4;w=60'
        left = re.fullmatch(r'"key";r=2;t=(\d+), "operator";r=3;t=(\d+)', answer["RateLimit"])
        assert left
        assert all(1 <= int(one) <= 60 for one in left.groups())
        statuses = [get(client, "institution", first).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        # What the key was refused took nothing of the operator's: one call is left for its other keys.
        assert get(client, "institution", second)["RateLimit"].startswith('"key";r=2')
        over = get(client, "institution", second)
        assert over.status_code == 429
        assert "усіма ключами оператора" in over.json()["detail"]
        assert '"operator";r=0' in over["RateLimit"]
        assert "RateLimit" not in get(client, "institution", "aikom_unknown")


def test_the_schema_is_served_and_names_every_address(client, world):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["components"]["securitySchemes"]["schoolKey"]["scheme"] == "bearer"
    assert schema["paths"]["/api/v1/pupils"]["get"]["security"] == [{"schoolKey": []}]
    assert schema["openapi"].startswith("3.1")
    assert {"/api/v1/pupils", "/api/v1/classes", "/api/v1/institution"} <= set(schema["paths"])
