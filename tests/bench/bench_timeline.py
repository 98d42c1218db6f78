"""A child with a long life in the register: the card as it is opened, and the whole timeline with the
history of each field (the extract). Issue 10 allows 50 ms served.

In a clone of the country: the child's name is corrected as often as BENCH_TIMELINE_EVENTS says, each
time by a command of its own, as people do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory
from django.urls import reverse

from accounts import actors
from accounts.models import Grant
from kernel import audit
from kernel.db import command
from registry.models import Pupil
from registry.people.events import PupilCorrected
from tests.bench import Result, bench, country
from tests.bench import bench_pupils as one_child
from tests.bench.served import visit

EVENTS = int(os.environ.get("BENCH_TIMELINE_EVENTS", "400"))
DATABASE = "aikom_timeline_bench"
MOST_MS, TIMES = 50.0, 30


@command
def _corrected(*, actor: actors.Actor, pupil: Pupil, number: int) -> None:
    was, pupil.patronymic = pupil.patronymic, "Іванович" if number % 2 else "Петрович"
    pupil.version += 1
    pupil.save(update_fields=["patronymic", "version"])
    changed = {"patronymic": (was, pupil.patronymic)}
    ground = f"свідоцтво № {number}"
    audit.record(
        PupilCorrected(subject=pupil.pk, unit=pupil.institution_id, changed=changed, ground=ground)
    )


@bench("timeline.card", unit="ms")
def timeline() -> Iterator[Result]:
    """Both pages by the clock and by the processor of the web process, the least of thirty."""
    with country.clone(DATABASE):
        ((grant, group),) = one_child._schools(1)
        pupil = Pupil.objects.filter(class_group_id=group.pk).order_by("sort_key")[0]
        for number in range(EVENTS):
            _corrected(actor=actors.of_grant(grant), pupil=pupil, number=number)
        yield from _measured(grant, pupil)


def _measured(grant: Grant, pupil: Pupil) -> Iterator[Result]:
    call_command("collectstatic", interactive=False, verbosity=0)
    served_by = get_wsgi_application()
    for name, page in (("card", "pupil_detail"), ("whole", "pupil_extract")):
        address = reverse(page, args=[pupil.pk])
        came = RequestFactory()._base_environ(PATH_INFO=address, HTTP_COOKIE=visit(grant))
        clocks, worked, size = [], [], 0
        for _ in range(TIMES):
            told: list[str] = []
            began, at = time.perf_counter(), time.process_time()
            answer = served_by(dict(came), lambda status, headers, told=told: told.append(status))  # type: ignore[misc]
            size = len(b"".join(answer))
            answer.close()
            clocks.append((time.perf_counter() - began) * 1000)
            worked.append((time.process_time() - at) * 1000)
            if not told[0].startswith("200"):
                raise RuntimeError(f"{address}: {told[0]}")
        yield Result(min(clocks), reference=MOST_MS, n=EVENTS, name=f"timeline.{name}")
        yield Result(min(worked), n=EVENTS, name=f"timeline.{name}.python")
        yield Result(size / 1024, "KB", n=EVENTS, name=f"timeline.{name}.size")
