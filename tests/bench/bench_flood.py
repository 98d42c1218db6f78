"""The door while strangers' hostile files come in: issue 9 bounds `/login/` at p99 ≤ 300 ms."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import Result, bench, country
from tests.bench.served import get, served, wait
from tests.signatures.test_flood import flooded


@bench("flood.login_p99", unit="ms")
def the_door_under_a_flood() -> Iterator[Result]:
    """Fifty uploads of 190 KB at once, each asking for seconds of processor."""
    with served(country.use(), workers=2):
        wait()
        get("/login/")
        found = flooded()
    yield Result(found["p50"], n=found["asked"], name="flood.login_p50")
    yield Result(found["p99"], reference=300.0, n=found["asked"])
