"""One pack, four ways to ask it: SQL, cells of the portal, and the runners others are given."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from registry.fields.rules import judge
from registry.fields.rules.pack import current
from registry.fields.rules.published import as_json
from registry.fields.rules.sql import broken_sql
from registry.fields.rules.vocabulary import FACTS
from tests.registry.fields.test_packs import RELATION
from tests.registry.quality.rows import rows

RUNNER = Path(__file__).resolve().parents[3] / "registry" / "quality" / "runner"
# Alone: no project, no installed packages.
PYTHON = [sys.executable, "-I", "-S", RUNNER / "aikom_quality.py"]
NODE = ["node", RUNNER / "aikom-quality.mjs"]


def told_by(command, pack, given, folder):
    (folder / "pack.json").write_text(json.dumps(pack, ensure_ascii=False), encoding="utf-8")
    lines = "\n".join(json.dumps(row, default=str, ensure_ascii=False) for row in given)
    done = subprocess.run(
        [*command, folder / "pack.json"],
        input=lines.encode(),
        capture_output=True,
        cwd=folder,
        check=False,
    )
    assert not done.returncode, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def in_house(row):
    fix_urls = {rule.code: rule.fix_url for rule in current().rules}
    return [
        {
            "code": (code := one.key.replace(":", ".")),
            "severity": str(one.level),
            "message": one.detail,
            "fix": one.fix,
            "fix_url": fix_urls[code],
        }
        for one in judge(row)
    ]


def test_thousands_of_rows_with_every_fault_are_judged_alike_four_times(db, tmp_path):
    given = list(rows(4000))
    python = told_by(PYTHON, as_json(current()), given, tmp_path)
    node = told_by(NODE, as_json(current()), given, tmp_path)
    assert python == node == [in_house(row) for row in given]
    with connection.cursor() as cursor:
        cursor.execute(
            broken_sql(current(), RELATION),
            [list(range(len(given))), *([row[name] for row in given] for name in FACTS)],
        )
        from_sql = dict(cursor.fetchall())
    assert [from_sql.get(at, []) for at in range(len(given))] == [
        [one["code"] for one in found] for found in python
    ]
    broken = {code for found in from_sql.values() for code in found}
    assert broken == {rule.code for rule in current().rules}, "a rule that no row tries"
    assert from_sql.keys() != set(range(len(given))), "no row is right"


def test_what_is_not_known_is_not_asked(tmp_path):
    given = [
        {name: row[name] for at, name in enumerate(row) if (at + number) % 3}
        for number, row in enumerate(rows(400, seed=1))
    ] + [{}]
    python = told_by(PYTHON, as_json(current()), given, tmp_path)
    assert python == told_by(NODE, as_json(current()), given, tmp_path)
    assert python == [in_house(row) for row in given]


def test_rules_with_days_begin_and_end_alike(tmp_path):
    pack = as_json(current())
    pack["rules"] = [
        {**pack["rules"][0], "code": "trial.since", "since": "2026-11-22"},
        {**pack["rules"][0], "code": "trial.until", "until": "2026-11-22"},
        {**pack["rules"][0], "code": "trial.deep", "must": [
            {"any": [{"not": {"missing": "surname"}}, {"among": ["sex", "F"]}]}
        ]},
    ]  # fmt: skip
    given = [{"surname": "", "sex": "M", "today": f"2026-11-{day}"} for day in (21, 22, 23)]
    given.append({"surname": "", "sex": "F", "today": None})
    expected = [["until", "deep"], ["since", "deep"], ["since", "deep"], []]
    for command in (PYTHON, NODE):
        told = told_by(command, pack, given, tmp_path)
        assert [[one["code"].split(".")[1] for one in found] for found in told] == expected


@pytest.mark.parametrize("command", [PYTHON, NODE], ids=["python", "node"])
@pytest.mark.parametrize(
    ("row", "word", "told"),
    [
        ({"height": 170}, "", "«height» is not a fact"),
        ({"born_on": "03.02.2015"}, "", "«born_on» is date"),
        ({"born_on": "2015-02-30"}, "", ""),
        ({"grade": "5"}, "", "«grade» is int"),
        ({"surname": 5}, "", "«surname» is text"),
        ({}, "shouts", "newer than this runner"),
    ],
)
def test_what_cannot_be_judged_is_refused_aloud(tmp_path, command, row, word, told):
    pack = as_json(current())
    if word:
        pack["rules"][0] = {**pack["rules"][0], "must": [{word: "surname"}]}
    with pytest.raises(AssertionError, match=told or None):
        told_by(command, pack, [row], tmp_path)
