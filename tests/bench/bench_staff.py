"""The load of a school of forty teachers from one table: judged, and in effect after the signature."""

from __future__ import annotations

import time

from django.db import connection

from accounts import actors
from kernel.db import command
from registry.classifiers.services import classifiers
from registry.drafts import services as drafts
from registry.models import Load
from registry.orders import services as orders
from tests.bench import Result, bench
from tests.bench.bench_spine import _in_a_database_of_its_own
from tests.kit.acts import noted
from tests.registry.kit import MOMENT, TODAY, signature_of
from tests.registry.movements.contract import TERMS
from tests.world import build, hire

TEACHERS, LINES = 40, 5
_DAY = "01.12.2026"
_SUBJECTS = ("Математика", "Фізика", "Хімія", "Географія", "Інформатика")


@command
def _staffed(*, actor: actors.Actor, school) -> None:
    noted()
    for number in range(TEACHERS):
        hire(school, f"Коваль{chr(0x430 + number % 32)}{chr(0x430 + number // 32)}")


@command
def _copied(*, actor: actors.Actor) -> float:
    """The same rows by one bare statement, with the same triggers: what any way to write them costs."""
    noted()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE lines AS SELECT * FROM registry_load")
        cursor.execute("UPDATE lines SET id = uuidv7(), line = line || 'x'")
        began = time.perf_counter()
        cursor.execute("INSERT INTO registry_load SELECT * FROM lines")
        return time.perf_counter() - began


@bench("staff.load_table", unit="s")
@_in_a_database_of_its_own
def load_table() -> list[Result]:
    """Two hundred lines of forty teachers; 3 s each are asked of a thousand rows (issue 10)."""
    world = build()
    classifiers.load(actor=actors.system("довідники"), today=TODAY)
    school, olena = world.institutions["school1"], world.actor("olena")
    _staffed(actor=actors.system("вимірювання"), school=school)
    rows = [
        {
            "teacher": f"Коваль{chr(0x430 + n % 32)}{chr(0x430 + n // 32)} Ганна",
            "subject": subject,
            "classes": "5-А" if n % 2 else "5-Б",
            "hours": "3,5",
        }
        for n in range(TEACHERS)
        for subject in _SUBJECTS
    ]
    began = time.perf_counter()
    draft = drafts.start(
        actor=olena, institution_id=school.pk, process="load", rows=rows, moment=MOMENT
    )
    judged = time.perf_counter() - began
    for row in draft.rows.filter(state="CHECK"):  # two teachers of one subject: in groups, say
        row.answers = {f"{one['field']}:{one['code']}": "confirmed" for one in row.problems}
        row.save(update_fields=["answers"])
    order = orders.prepare(
        actor=olena, draft_id=draft.pk, fields=TERMS | {"effective_on": _DAY}, moment=MOMENT
    )
    signature = signature_of(order, "olena")
    began = time.perf_counter()
    orders.sign(actor=olena, order_id=order.pk, cms=signature, moment=MOMENT)
    effective = time.perf_counter() - began
    n = len(rows)
    if Load.objects.count() != n:
        raise AssertionError(f"{Load.objects.count()} lines of {n}")
    bare = _copied(actor=actors.system("вимірювання"))
    return [
        Result(judged, reference=bare, n=n, name="staff.load_table_judged"),
        Result(effective, reference=bare, n=n),
    ]
