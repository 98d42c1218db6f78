"""The dearest statement of every address of the matrix and of the API, on the country of `make country`.

That none walks over a table is a test (tests/plans); how long it takes is measured here. The
database's own milliseconds of execution, the least of three, so that a busy machine says little.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.test.utils import override_settings, setup_test_environment

from accounts import actors
from tests.bench import Result, bench, country
from tests.plans.country import found, known
from tests.plans.plans import watched
from tests.plans.test_pages import asked

STATEMENT_MS, CARD_MS = 20.0, 3.0  # what issue 14 allows a statement, and a card altogether
TIMES = 3


@bench("plans.pages", unit="ms")
def pages() -> Iterator[Result]:
    """Dearest first: a statement ÷ 20 ms, with the number of the page's statements; then the card."""
    country.use()
    setup_test_environment()
    # (page, person, address) → statement → milliseconds
    took: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    nothing_stays = transaction.atomic()
    nothing_stays._from_testcase = True  # commands may run within, as in a test
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain}), nothing_stays:
        known(actor=actors.system("вимірювання"))
        with watched(rows=False) as plans:
            for name, who, answer in asked(found(), plans, times=TIMES):
                page = took[name, who, answer.wsgi_request.get_full_path()]  # type: ignore[attr-defined]
                for text, ms in plans.dearest().items():
                    page[text] = min(ms, page.get(text, ms))
        transaction.set_rollback(True)
    dearest: dict[str, tuple[float, int]] = {}
    for (name, who, path), statements in took.items():
        text, ms = max(statements.items(), key=lambda one: one[1], default=("", 0.0))
        dearest[name] = max((ms, len(statements)), dearest.get(name, (0.0, 0)))
        if ms > STATEMENT_MS:
            sys.stderr.write(f"{ms:.1f} ms, {who} at {path}: {' '.join(text.split())[:600]}\n")
    for name, (ms, count) in sorted(dearest.items(), key=lambda one: -one[1][0]):
        yield Result(ms, reference=STATEMENT_MS, n=count, name=f"plans.{name}")
    cards = [sum(page.values()) for (name, *_), page in took.items() if name == "pupil_detail"]
    yield Result(max(cards), reference=CARD_MS, name="plans.card_in_all")
