"""The web server of `make demo` at national size: how soon it answers, how much it holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from django.urls import URLResolver, get_resolver

from accounts.models import Grant
from accounts.roles import Role
from tests.bench import Result, bench, country
from tests.bench.served import get, resident_mb, served, visit, wait

LIMIT_MB = 250.0
ROUNDS = 60
_NOT_READ = {"sign_out", "metrics", "healthz"}


def pages(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address of the portal that needs no parameter."""
    for each in (resolver or get_resolver()).url_patterns:
        address = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from pages(each, address)
        elif not set("<^$") & set(address) and each.name not in _NOT_READ:
            yield address


def _anyone(role: str) -> Grant:
    return Grant.objects.select_related("user", "unit").filter(role=role).order_by("id")[0]


@bench("memory.web", unit="MB")
def web() -> Iterator[Result]:
    """Start-up seconds, then megabytes of a web process fresh and after many national pages."""
    address = country.use()
    cookies = [visit(_anyone(role)) for role in (Role.HEAD, Role.HROMADA_ADMIN, Role.ANALYST)]
    began = time.perf_counter()
    with served(address) as server:
        wait()
        yield Result(time.perf_counter() - began, "s", reference=10.0, name="memory.web_start")
        yield Result(resident_mb(server), reference=LIMIT_MB, name="memory.web_fresh")
        everything, failures = list(pages()), []

        def read(cookie: str) -> None:
            answers = {path: get(path, cookie)[0] for path in everything}
            broken = [path for path, status in answers.items() if status >= 500]
            if broken:
                failures.append(f"{', '.join(broken)} failed")
            paths = [path for path, status in answers.items() if status == 200]
            for number in range(ROUNDS):
                get(paths[number % len(paths)], cookie)

        readers = [threading.Thread(target=read, args=(cookie,)) for cookie in cookies]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        if failures:
            raise RuntimeError("; ".join(failures))
        yield Result(resident_mb(server), reference=LIMIT_MB, n=ROUNDS * len(cookies))
