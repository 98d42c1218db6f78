"""The test programme against a real sandbox: the published client passes it, a faulty one is told why."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from aikom_eis import Aikom, AikomError, Conflict, KeyRefused, NotFound, Unavailable
from aikom_eis.conformance import Programme

from integrations.sandbox import control
from integrations.sandbox.programme import PROGRAMME
from tests.sandbox.conftest import uid_of

SYSTEMS = {
    "Зошит": ["classes.write"],
    "Клас": ["classes.write"],
    "Знову": ["classes.write"],
    "Читач": [],
}


@pytest.fixture(scope="module")
def passed(given) -> list[dict[str, Any]]:
    """What the published client was told of every task."""
    access = given["Зошит"]
    with Aikom(access.address, access.key) as api:
        return list(Programme(api).go())


def test_the_published_client_passes_every_task(passed):
    assert {one["code"]: one["evidence"][:-1] for one in passed if one["state"] != "PASSED"} == {}
    assert [one["code"] for one in passed] == [one.code for one in PROGRAMME]


def test_a_verdict_shows_what_was_called(passed):
    told = {one["code"]: one["evidence"][-1] for one in passed}
    assert "PATCH classes/… — 412 (1)" in told["overtaken"]
    assert "POST classes:bulk — 200 (1)" in told["load"]


class Faulty(Programme):
    """Makes in every task the mistake that integrations make."""

    def __init__(self, api: Aikom, hasty: Aikom):
        super().__init__(api)
        self.hasty = hasty  # the same key, and never waits

    def read(self, given):
        page = self.api.call("GET", "pupils", params={"limit": 500}).json()
        return {"counts": {"pupils": len(page["items"])}}

    def names(self, given):
        names = super().names(given)["names"]
        return {"names": {one: name.replace("ʼ", "'") for one, name in names.items()}}

    def delta(self, given):
        return {"changed": [row["id"] for row in self.api.pupils()], "gone": "нікого"}

    def moves(self, given):
        return {"classes": []}

    def limit(self, given):
        self.hasty.call("GET", given["path"])
        return {}

    def foreign(self, given):
        for _ in range(3):
            with pytest.raises(NotFound):
                self.api.pupil(given["pupil"])
        return {"found": True}

    def stopped(self, given):
        with self.api.with_key(given["key"]) as other:
            list(other.rows("groups"))
            for _ in range(2):
                with pytest.raises(KeyRefused):
                    list(other.rows("groups"))
        return {"stopped": True}

    def dictionary(self, given):
        return {"unknown": given["codes"][:1]}

    def write(self, given, field):
        path, values = f"classes/{given['class']}", {field: given[field]}
        if field == "shift":
            with pytest.raises(AikomError):
                self.api.call("PATCH", path, json=values)
        elif field == "profile":
            for _ in range(2):
                version = self.api.call("GET", path, params={"fields": "version"}).json()["version"]
                with contextlib.suppress(Conflict):
                    self.api.change(path, version, values | {"shift": 1})
        else:
            for key in ("one", "two"):
                version = self.api.call("GET", path, params={"fields": "version"}).json()["version"]
                headers = {"If-Match": f'"{version}"', "Idempotency-Key": key}
                with contextlib.suppress(Unavailable):
                    self.once.call("PATCH", path, json=values, headers=headers)
        return {}

    @property
    def once(self):
        """Without retries of its own."""
        key = self.api._http.headers["Authorization"].partition(" ")[2]
        return Aikom(self.api.address, key, retries=0)

    def mistakes(self, given):
        self.api.put("classes", given["items"])
        return {"refused": []}

    def load(self, given):
        for start in range(0, 88, 8):
            self.api.put("classes", given["items"][start : start + 8])
        return {"classes": 100}


SAID = {
    "read": "решти сторінок не запитували",
    "unicode": "Учня звати «Пʼятниця",
    "delta": "Учнів прочитано знову замість стрічки змін",
    "moves": "Стрічки змін не запитували",
    "limit": "а Retry-After просив 2 с",
    "foreign": "запитали 3 разів",
    "stopped": "відкликаним ключем запитали ще 1 разів",
    "dictionary": "Довідника не прочитано",
    "write": "Зміна класу має бути",
    "overtaken": "яку тим часом установив заклад, стерто",
    "lost": "з іншим Idempotency-Key",
    "mistakes": "не перевірили запитом із dry_run=true",
    "load": "Запитів запису 11, а мало бути щонайбільше 10",
}


@pytest.fixture(scope="module")
def failed(given) -> dict[str, str]:
    """What a faulty client was told of every task, in one text."""
    access = given["Клас"]
    with (
        Aikom(access.address, access.key) as api,
        Aikom(access.address, access.key, sleep=lambda seconds: None) as hasty,
    ):
        told = list(Faulty(api, hasty).go())
    return {one["code"]: "\n".join([one["state"], *one["evidence"]]) for one in told}


@pytest.mark.parametrize("code", SAID)
def test_a_faulty_client_is_told_in_words_what_it_did(failed, code):
    assert failed[code].startswith("FAILED")
    assert SAID[code] in failed[code]


def test_a_system_that_only_reads_is_asked_to_write_nothing(given):
    access = given["Читач"]
    with Aikom(access.address, access.key) as api:
        told = {one["code"]: one["state"] for one in Programme(api).go()}
    assert {code for code, state in told.items() if state == "SKIPPED"} == {
        one.code for one in PROGRAMME if one.writes
    }
    assert set(told.values()) == {"SKIPPED", "PASSED"}


@pytest.fixture(scope="module")
def results(passed, failed) -> dict[str, dict[str, Any]]:
    """What the register is told of both."""
    return {name: control.results(uid_of(name)) for name in ("Зошит", "Клас")}


def test_the_register_reads_the_passage_and_its_verdict(results):
    assert {name: (one["school"], one["runs"][0]["passed"]) for name, one in results.items()} == {
        "Зошит": ("Пісочниця: ліцей системи «Зошит»", True),
        "Клас": ("Пісочниця: ліцей системи «Клас»", False),
    }


def test_no_secret_is_kept_of_a_passage(results):
    told = json.dumps(results)
    assert "aikom_" not in told


def test_a_programme_may_be_begun_again_and_no_task_twice(given):
    access = given["Знову"]
    with Aikom(access.address, access.key) as api:
        programme = Programme(api)
        programme._ask("programme", method="POST")
        programme._ask("tasks/read/begin", method="POST")
        for path in ("tasks/read/begin", "tasks/unicode/begin", "tasks/unicode/done"):
            with pytest.raises(Conflict) as refused:
                programme._ask(path, method="POST")
            assert refused.value.code == "exercise_not_open"
        with pytest.raises(NotFound):
            programme._ask("tasks/nothing/begin", method="POST")
        assert all(one["state"] != "FAILED" for one in programme.go())
