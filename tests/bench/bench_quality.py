"""Quality of data over the country: the night's run against one hand-written statement a rule, and
the runners that others are given over as many rows.

The statements are what a person would write for each rule over the same tables; what they find is
compared with what the run wrote, rule by rule, so the ratio is of equal work.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from accounts import actors
from kernel import clock, frontend
from registry.classes.frames import year_for
from registry.fields.rules.pack import current
from registry.fields.rules.published import as_json
from registry.fields.rules.sql import broken_sql
from registry.fields.rules.vocabulary import FACTS
from registry.models import Institution, QualityFinding
from registry.quality import services
from tests.bench import Result, bench, country
from tests.bench.spent import Spent
from tests.registry.fields.test_packs import RELATION
from tests.registry.quality.rows import rows

SYSTEM = actors.system("вимірювання")
ROWS = 1_000_000

_MAIN = """JOIN LATERAL (SELECT * FROM registry_pupildocument x WHERE x.pupil_id = p.id
    ORDER BY x.is_primary DESC, x.id DESC LIMIT 1) d ON true"""
_BIRTH = """JOIN LATERAL (SELECT * FROM registry_pupildocument x WHERE x.pupil_id = p.id
    AND x.type IN ('BIRTH_UA', 'BIRTH_FOREIGN') ORDER BY x.id DESC LIMIT 1) d ON true"""
_LASTS = """c.voided_at IS NULL AND c.starts_on <= %(today)s
    AND (c.ends_on IS NULL OR c.ends_on > %(today)s)"""
_IDP = f"JOIN registry_pupilcategory c ON c.pupil_id = p.id AND c.code = 'IDP' AND {_LASTS}"
_ABROAD = f"JOIN registry_pupilcategory c ON c.pupil_id = p.id AND c.code = 'ABROAD' AND {_LASTS}"
_CLASS = """JOIN registry_classgroup g ON g.id = p.class_group_id
    JOIN registry_schoolyear y ON y.code = g.school_year_id"""
_NO_CONTACT = """LEFT JOIN registry_contactstate s ON s.pupil_id = p.id AND s.ends_on IS NULL
    AND s.voided_at IS NULL"""
_KEPT = """registry_guardianship y JOIN registry_guardian x ON x.id = y.guardian_id
    WHERE y.pupil_id = p.id AND (y.ends_on IS NULL OR y.ends_on > %(today)s)"""
_RIGHT = "p.rnokpp IS NOT NULL AND registry_rnokpp_is_valid(p.rnokpp)"
_LIVED = "registry_full_years(p.born_on, %(year)s)"
_GRADES = "p.grade IS NOT NULL AND p.born_on <= %(today)s"
# rule: (tables beside the pupil's, what is wrong)
HAND: dict[str, tuple[str, str]] = {
    "surname.required": ("", "p.surname = ''"),
    "given_name.required": ("", "p.given_name = ''"),
    "sex.required": ("", "p.sex = ''"),
    "sex.against_patronymic": ("", "registry_sex_of_patronymic(p.patronymic) <> p.sex"),
    "born_on.required": ("", "p.born_on IS NULL"),
    "born_on.future_date": ("", "p.born_on > %(today)s"),
    "born_on.too_old": ("", f"p.born_on <= %(today)s AND {_LIVED} > 100"),
    "born_on.age_for_grade": (
        "",
        f"{_GRADES} AND {_LIVED} <= 100 AND {_LIVED} NOT BETWEEN p.grade + 4 AND p.grade + 9",
    ),
    "rnokpp.check_digit": ("", "p.rnokpp IS NOT NULL AND NOT registry_rnokpp_is_valid(p.rnokpp)"),
    "rnokpp.other_birth_date": ("", f"{_RIGHT} AND registry_rnokpp_born_on(p.rnokpp) <> p.born_on"),
    "rnokpp.other_sex": ("", f"{_RIGHT} AND registry_rnokpp_sex(p.rnokpp) <> p.sex"),
    "unzr.impossible_date": ("", "p.unzr IS NOT NULL AND registry_unzr_born_on(p.unzr) IS NULL"),
    "unzr.other_birth_date": ("", "registry_unzr_born_on(p.unzr) <> p.born_on"),
    "unzr.check_digit": (
        "",
        "registry_unzr_born_on(p.unzr) IS NOT NULL AND NOT registry_unzr_is_valid(p.unzr)",
    ),
    "document.required": (
        "",
        "NOT EXISTS (SELECT FROM registry_pupildocument x WHERE x.pupil_id = p.id)",
    ),
    "document.shape": (
        _MAIN,
        "d.number <> '' AND NOT registry_document_shape(d.type, d.series, d.number)",
    ),
    "document_issued_on.future_date": (_MAIN, "d.issued_on > %(today)s"),
    "document_issued_on.before_birth": (
        _MAIN,
        "d.issued_on <= %(today)s AND d.issued_on < p.born_on",
    ),
    "document_valid_to.before_issue": (_MAIN, "d.issued_on >= d.valid_to"),
    "document_valid_to.expired": (_MAIN, "d.valid_to < %(today)s"),
    "certificate.missing": (
        "",
        """NOT EXISTS (SELECT FROM registry_pupildocument x WHERE x.pupil_id = p.id
            AND x.type IN ('BIRTH_UA', 'BIRTH_FOREIGN'))""",
    ),
    "certificate.shape": (
        _BIRTH,
        "d.number <> '' AND NOT registry_document_shape(d.type, d.series, d.number)",
    ),
    "displaced.no_document": (
        _IDP,
        """c.document = '' AND NOT EXISTS (SELECT FROM registry_pupildocument x
            WHERE x.pupil_id = p.id AND x.type = 'IDP')""",
    ),
    "displaced.not_marked": (
        "",
        f"""EXISTS (SELECT FROM registry_pupildocument x WHERE x.pupil_id = p.id AND x.type = 'IDP')
            AND NOT EXISTS (SELECT FROM registry_pupilcategory c
                WHERE c.pupil_id = p.id AND c.code = 'IDP' AND {_LASTS})""",
    ),
    "displaced.no_date": (_IDP, "c.document <> '' AND c.issued_on IS NULL"),
    "displaced.future_date": (_IDP, "c.issued_on > %(today)s"),
    "displaced.no_origin": (_IDP, "c.origin_code = ''"),
    "abroad.no_country": (_ABROAD, "c.country = ''"),
    "abroad.not_marked": (
        "JOIN registry_pupiladdress h ON h.pupil_id = p.id AND h.kind = 'ACTUAL'",
        f"""h.country NOT IN ('', 'UA') AND NOT EXISTS (SELECT FROM registry_pupilcategory c
            WHERE c.pupil_id = p.id AND c.code = 'ABROAD' AND {_LASTS})""",
    ),
    "abroad.other_country": (
        f"{_ABROAD} JOIN registry_pupiladdress h ON h.pupil_id = p.id AND h.kind = 'ACTUAL'",
        "c.country <> '' AND h.country <> '' AND c.country <> h.country",
    ),
    "abroad.no_studies": (_ABROAD, "c.studies_there IS NULL"),
    "contact_status.lost": ("", "p.contact_status NOT IN ('OK', 'RESTORED')"),
    "contact_status.no_attempts": (
        _NO_CONTACT,
        """p.contact_status IN ('LOST_PUPIL', 'LOST_REPRESENTATIVES', 'LOST_BOTH')
            AND coalesce(s.attempts, '') = ''""",
    ),
    "contact_status.no_actions": (
        _NO_CONTACT,
        "p.contact_status IN ('LOST_PUPIL', 'LOST_BOTH') AND coalesce(s.actions, '{}') = '{}'",
    ),
    "representative.missing": (
        "",
        f"(SELECT x.surname FROM {_KEPT} ORDER BY y.id LIMIT 1) IS NULL",
    ),
    "representative.no_phone": (
        "",
        f"EXISTS (SELECT FROM {_KEPT}) AND NOT EXISTS (SELECT FROM {_KEPT} AND x.phone <> '')",
    ),
    "representative.phone_shape": (
        f"""JOIN LATERAL (SELECT x.phone FROM {_KEPT} AND x.phone <> ''
            ORDER BY y.id LIMIT 1) t ON true""",
        "NOT registry_phone_shape(t.phone)",
    ),
    "class.missing": ("", "p.grade IS NULL"),
    "class.last_year": (_CLASS, "%(year)s <= %(today)s AND y.starts_on < %(year)s"),
    "class.closed": (_CLASS, "g.closed_on <= %(today)s"),
}


def _by_hand() -> tuple[Spent, dict[str, int]]:
    """What one statement a rule costs, each writing what it finds, and how many it found."""
    day = clock.today()
    asked = {"today": day, "year": year_for(day).starts_on}
    found, spent = {}, Spent()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE by_hand (pupil_id uuid, institution_id int, rule text)")
        with spent.counting():
            for code, (beside, wrong) in HAND.items():
                cursor.execute(
                    f"""
                    INSERT INTO by_hand SELECT p.id, p.institution_id, '{code}'
                    FROM registry_pupil p {beside} WHERE p.institution_id IS NOT NULL AND {wrong}
                    """,
                    asked,
                )
                found[code] = cursor.rowcount
        cursor.execute("DROP TABLE by_hand")
    return spent, {code: n for code, n in found.items() if n}


def _run() -> Spent:
    """The night's run over every institution."""
    now, spent = timezone.now(), Spent()
    ids = list(Institution.objects.order_by("pk").values_list("pk", flat=True))
    with spent.counting():
        for start in range(0, len(ids), services.PORTION):
            services.check_institutions(
                actor=SYSTEM,
                ids=ids[start : start + services.PORTION],
                now=now,
                today=clock.day_of(now),
            )
        services.keep_trend(actor=SYSTEM, month=clock.month_of(clock.day_of(now)))
    return spent


@bench("quality.run", unit="s")
def run() -> Iterator[Result]:
    """The whole run against one hand-written statement a rule, by the clock and by the processor: a
    night without a finding kept, and an ordinary one, when nearly everything wrong was so yesterday."""
    country.use()
    assert HAND.keys() == {rule.code for rule in current().rules}, "a rule without its statement"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_pupil WHERE institution_id IS NOT NULL")
        (pupils,) = cursor.fetchone()
        cursor.execute("TRUNCATE registry_qualityfinding")
        # The time of parallel workers would be nobody's; the statements by hand write and have none.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    _by_hand()  # warms the cache
    hand, expected = _by_hand()
    first = _run()
    found = dict(QualityFinding.objects.order_by().values_list("rule").annotate(n=Count("pk")))
    assert found == expected, {
        code: (found.get(code), expected.get(code))
        for code in found.keys() | expected.keys()
        if found.get(code) != expected.get(code)
    }
    ordinary = _run()
    again, _ = _by_hand()
    for name, spent in (("first_run", first), ("run", ordinary)):
        yield Result(
            spent.clock,
            reference=min(hand.clock, again.clock),
            n=pupils,
            name=f"quality.{name}",
        )
        yield Result(
            spent.processor,
            reference=min(hand.processor, again.processor),
            n=pupils,
            name=f"quality.{name}.processor",
        )


@bench("quality.runner", unit="rows/s")
def runners() -> Iterator[Result]:
    """The runners others are given over a million spoilt rows, and SQL over the same: the verdicts
    are compared row by row."""
    country.use()
    folder = Path(services.__file__).parents[1] / "runner"
    commands = {
        "python": [sys.executable, "-I", "-S", folder / "aikom_quality.py"],
        "node": [frontend.node(), folder / "aikom-quality.mjs"],
    }
    with tempfile.TemporaryDirectory() as made:
        here = Path(made)
        (here / "pack.json").write_text(json.dumps(as_json(current())), encoding="utf-8")
        with (here / "rows").open("w", encoding="utf-8") as file:
            for row in rows(ROWS, seed=7):
                file.write(json.dumps(row, default=str, ensure_ascii=False) + "\n")
        for name, command in commands.items():
            with (here / "rows").open("rb") as given, (here / name).open("wb") as out:
                began = time.perf_counter()
                subprocess.run([*command, here / "pack.json"], stdin=given, stdout=out, check=True)
                spent = time.perf_counter() - began
            yield Result(ROWS / spent, n=ROWS, name=f"quality.runner.{name}")
        spent = 0.0
        with (
            (here / "python").open(encoding="utf-8") as python,
            (here / "node").open(encoding="utf-8") as node,
        ):
            again = rows(ROWS, seed=7)
            while given := list(itertools.islice(again, 10_000)):
                began = time.perf_counter()
                verdicts = _in_sql(given)
                spent += time.perf_counter() - began
                for at, (ours, theirs) in enumerate(zip(python, node, strict=False)):
                    told = json.loads(ours)
                    assert told == json.loads(theirs), given[at]
                    assert [one["code"] for one in told] == verdicts.get(at, []), given[at]
                    if at + 1 == len(given):
                        break
        yield Result(ROWS / spent, n=ROWS, name="quality.runner.sql")


def _in_sql(given: Sequence[dict[str, Any]]) -> dict[int, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            broken_sql(current(), RELATION),
            [list(range(len(given))), *([row[name] for row in given] for name in FACTS)],
        )
        return dict(cursor.fetchall())
