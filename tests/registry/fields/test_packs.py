"""Packs of rules: read or refused, and the same verdict from SQL and from Python."""

from __future__ import annotations

import copy
import datetime
import tomllib

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.identifiers import rnokpp_check_digit
from registry.fields import documents, primitives
from registry.fields.rules import judge
from registry.fields.rules.compiled import compiled
from registry.fields.rules.pack import FOLDER, current, parse
from registry.fields.rules.sql import broken_sql
from registry.fields.rules.vocabulary import FACTS, WORDS

FILE = FOLDER / "2026.toml"
RULE = {
    "code": "born_on.future_date",
    "resource": "pupil",
    "indicator": "birth_date",
    "severity": "error",
    "title": "Дата народження ще не настала",
    "must": [{"not_after": ["born_on", "today"]}],
    "message": "Дата {born_on} ще не настала.",
    "fix_url": "/pupils/{pupil}/edit/",
}


TRIAL_OF = {
    "version": "1",
    "source": "проба",
    "indicators": [{"code": "birth_date", "title": "Дата народження"}],
}


def pack(**changes):
    rule = {k: v for k, v in (RULE | changes).items() if v is not None}
    return parse(TRIAL_OF | {"rules": [rule]}, "trial.toml")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"must": [{"is_nice": "born_on"}]}, "«is_nice» is not in the vocabulary"),
        ({"must": [{"given": "height"}]}, "«height» is not a fact"),
        ({"must": [{"rnokpp_checksum": "born_on"}]}, "takes text, and «born_on» is date"),
        ({"must": [{"equal": ["sex", "born_on"]}]}, "compares text with date"),
        ({"must": [{"not_after": ["born_on"]}]}, "takes same, same"),
        ({"must": [{"among": ["sex", "M'); DROP TABLE x; --"]}]}, "takes codes"),
        ({"must": [{"at_most": ["age", "100"]}]}, "takes a whole number"),
        ({"must": []}, "says nothing"),
        ({"must": {"given": "sex"}}, "expected a list"),
        ({"must": None}, "«must» is missing"),
        ({"loop": "forever"}, "are not parts of a rule"),
        ({"severity": "fatal"}, "neither error nor warning"),
        ({"resource": "teacher"}, "is none of pupil"),
        ({"message": "Дата {height}."}, "«height» is not a fact"),
        ({"message": "Дата {born_on:loud}."}, "«loud» is not a way of writing"),
        ({"message": "Клас {grade}."}, r"writes \['grade'\], which may be absent"),
        ({"fix_url": "https://elsewhere.example/"}, "is no address"),
        ({"since": "2026"}, "are dates"),
        ({"fix_url": "/pupils/{pupil}/edit/#elsewhere"}, "is no address"),
        ({"indicator": "height"}, "is none of birth_date"),
        ({"code": "Oops"}, "a code is"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_vocabulary_is_refused_with_file_and_rule_named(changes, told):
    with pytest.raises(ValueError, match=told) as refused:
        pack(**changes)
    code = changes.get("code", RULE["code"])
    assert str(refused.value).startswith(f"trial.toml: rule {code!r}: ")


def test_a_code_said_twice_is_refused():
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    raw["rules"].append(copy.deepcopy(raw["rules"][0]))
    with pytest.raises(ValueError, match=r"2026\.toml: rule 'surname\.required': this code"):
        parse(raw, FILE.name)


def test_a_rule_holds_from_its_first_day_until_its_last():
    day = datetime.date(2026, 11, 22)
    born = {"born_on": day + datetime.timedelta(days=400)}

    def is_broken(today, **dates):
        facts = born | {"today": today}
        return bool(compiled(pack(**dates).rules, frozenset(facts))(facts))

    assert is_broken(day, since=day)
    assert not is_broken(day - datetime.timedelta(days=1), since=day)
    assert not is_broken(day, until=day)
    assert is_broken(day, until=day + datetime.timedelta(days=1))


def test_a_rule_is_silent_about_what_is_not_known():
    assert judge({}) == ()
    assert [p.key for p in judge({"surname": ""})] == ["surname:required"]
    assert judge({"born_on": datetime.date(2030, 1, 1)}, "born_on") == ()  # which day is today?


# ── SQL and Python ──────────────────────────────────────────────────────────
DAYS = st.dates(datetime.date(1890, 1, 1), datetime.date(2035, 12, 31))
DIGITS = st.text("0123456789", min_size=0, max_size=11)


@st.composite
def numbers(draw):
    nine = f"{draw(st.integers(0, 99999)):05d}{draw(st.integers(0, 9999)):04d}"
    right = nine + str(rnokpp_check_digit(nine))
    return draw(st.sampled_from([right, nine + "0", nine, "0000000000"]))


UNZR = st.one_of(
    st.builds(
        lambda d, n: f"{d:%Y%m%d}-{n:05d}",
        st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 1, 1)),
        st.integers(0, 99999),
    ),
    st.from_regex(r"\A(19|20|00)[0-9]{2}[01][0-9][0-3][0-9]-[0-9]{5}\Z"),
    st.sampled_from(["20960229-03456", "20950229-00011", "00000101-00011", "20950901-00012"]),
)
SERIES = st.one_of(
    st.from_regex(r"\A[IVX]{1,5}-[АБВҐЄІЇЮЯ]{2}\Z"), st.sampled_from(["", "СТ", "FE", "I-СЫ", "Ц"])
)
NUMBER = st.one_of(
    st.from_regex(r"\A[0-9]{3,10}\Z"),
    st.from_regex(r"\A[0-9]{4}-[0-9]{10}\Z"),
    st.text("AZ/\\№()-ЯЫҐ 019aя", max_size=27),
)
KIND = st.sampled_from([*documents.NAMES, "OTHER"])
PHONE = st.one_of(
    st.from_regex(r"\A\+?(380)?[0-9]{5,15}\Z"), st.sampled_from(["+380671234567", "+48123456789"])
)
PATRONYMIC = st.one_of(
    st.text("Іванович ївагнреткз", max_size=12),
    st.sampled_from(["Петрович", "ПЕТРІВНА", "Гасан огли", "Ілліч", "Лукінічна"]),
)
CODE = st.sampled_from(["UA", "PL", "DE", "ua"])
OF = {
    "patronymic": PATRONYMIC, "sex": st.sampled_from("MF"), "born_on": st.one_of(st.dates(datetime.date(2003, 1, 1), datetime.date(2023, 1, 1)), DAYS), "rnokpp": numbers(),
    "unzr": UNZR, "grade": st.integers(0, 13), "class_year_starts_on": st.sampled_from([datetime.date(2025, 9, 1), datetime.date(2026, 9, 1)]), "class_closed_on": DAYS, "document_type": KIND, "document_series": SERIES,
    "document_number": NUMBER, "document_issued_on": DAYS, "document_valid_to": DAYS,
    "certificate_type": KIND, "certificate_series": SERIES, "certificate_number": NUMBER,
    "displaced": st.just("IDP"), "displaced_issued_on": DAYS, "abroad_studies": st.sampled_from(["YES", "NO"]), "abroad": st.just("ABROAD"), "abroad_country": CODE,
    "lives_in": CODE, "representative_phone": PHONE, "citizenship": CODE,
    "contact_status": st.sampled_from(["OK", "LOST_PUPIL", "LOST_BOTH", "RESTORED"]),
    "today": st.dates(datetime.date(2026, 1, 1), datetime.date(2027, 12, 31)),
    "year_starts_on": st.sampled_from([datetime.date(2026, 9, 1), datetime.date(2028, 2, 29)]),
}  # fmt: skip
ROW = st.builds(
    lambda row, absent: row | dict.fromkeys(absent),
    st.fixed_dictionaries({name: OF.get(name, st.text("аб", max_size=2)) for name in FACTS}),
    st.sets(st.sampled_from(list(FACTS)), max_size=12),
)
TYPES = {"text": "text", "date": "date", "int": "int"}
RELATION = (
    "SELECT id, "
    + ", ".join(f"nullif(x.{n}, '') AS {n}" if f.type == "text" else f"x.{n}" for n, f in FACTS.items())
    + " FROM unnest(%s::int[], "
    + ", ".join(f"%s::{TYPES[fact.type]}[]" for fact in FACTS.values())
    + f") AS x(id, {', '.join(FACTS)})"
)  # fmt: skip


# What the pack of the year does not say, and the next may: denials of what may be absent.
TRIAL = parse(
    TRIAL_OF
    | {
        "rules": [
            RULE | {"code": f"trial.{name}", "message": "Ні.", "when": when, "must": must}
            for name, when, must in (
                ("not_in_when", [{"not": {"among": ["lives_in", "UA"]}}], [{"given": "abroad"}]),
                ("not_in_must", [], [{"not": {"equal": ["rnokpp_sex", "sex"]}}]),
                ("any_in_when", [{"any": [{"before": ["born_on", "today"]}, {"missing": "sex"}]}], [{"given": "unzr"}]),
                ("any_in_must", [{"given": "sex"}], [{"any": [{"phone_shape": "representative_phone"}, {"not": {"unzr_date": "unzr"}}]}]),
                ("not_any", [{"not": {"any": [{"at_most": ["grade", 4]}, {"at_most": ["age", 9]}]}}], [{"given": "unzr"}]),
            )
        ],
    },
    "trial.toml",
)  # fmt: skip


@pytest.mark.parametrize("asked", [current(), TRIAL], ids=["current", "trial"])
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(ROW, min_size=4, max_size=8))
def test_sql_and_python_say_the_same_of_any_rows(db, asked, rows):
    with connection.cursor() as cursor:
        cursor.execute(
            broken_sql(asked, RELATION),
            [list(range(len(rows))), *([row[name] for row in rows] for name in FACTS)],
        )
        from_sql = dict(cursor.fetchall())
    ask = compiled(asked.rules, frozenset(FACTS))
    from_python = {
        at: [rule.code for rule in found] for at, row in enumerate(rows) if (found := ask(row))
    }
    assert from_sql == from_python
    for row in rows:  # every message can be written, and no hole is left
        for problem in judge(row):
            assert "{" not in problem.detail
            assert "None" not in problem.detail


def test_every_word_is_spoken_so_every_word_is_compared():
    spoken = FILE.read_text(encoding="utf-8")
    assert [word for word in WORDS if f"{{ {word} =" not in spoken] == []


@given(kind=KIND, typed=st.one_of(NUMBER, st.builds(lambda s, n: f"{s} {n}", SERIES, NUMBER)))
def test_whatever_is_read_as_a_document_has_the_shape_of_its_kind(kind, typed):
    read = documents.check("document", typed, kind=kind if kind in documents.NAMES else None).value
    if read is not None:
        assert primitives.document_shape(read.type, read.series, read.number)
