"""Pages as people open them: processor of the web process and of the database, size, pages a second
with one and with four sessions, what every request pays before its page begins, and a page of the API.

Run on the country of `make country`. `reference` is the goal of the issue about pages. How fast the
machine itself was stands first (`pages.machine`): runs of two days are compared by ratios to it. The
form at another size of the country: `make country PUPILS=1000000` with COUNTRY_DATABASE_URL of a second
database, and `make bench ONLY=pages.served` with the same.
"""

from __future__ import annotations

import base64
import datetime
import http.client
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import path, reverse

from accounts.models import Grant
from aikom.urls import urlpatterns as ours
from kernel import clock
from kernel.ui import context
from registry.models import ClassGroup, Order, Pupil
from tests.bench import Result, bench, bench_eis, country
from tests.bench import bench_pupils as one_child
from tests.bench import served as server_of
from tests.bench.served import database_ms, processor_ms, served, visit, wait

# Processor milliseconds of the web process for a page, and pages a second for one and four sessions.
GOALS = {
    "class_of_30": (8.0, 95.0, 180.0),
    "list_of_100": (12.0, 98.0, 140.0),
    "card": (8.0, 56.0, 90.0),
    "home": (8.0, 36.0, 66.0),
    "form": (27.0, 27.0, 45.0),
}
REQUEST_MS, REQUEST_STATEMENTS = 2.0, 3.0
ROUNDS, EACH, CHILDREN, SESSIONS = 5, 40, 30, 4
TURNS = 4  # of the form; the first warms, the least of the others is told


@bench("pages.machine", unit="ms")
def machine() -> Result:
    """A fixed piece of Python, the least of some turns: dictionaries, text, calls."""
    taken = []
    for _ in range(9):
        began = time.process_time()
        words = [f"{number:05d}-{number % 7}" for number in range(40_000)]
        sorted({word: len(word) for word in words}, key=lambda word: word[::-1])
        taken.append((time.process_time() - began) * 1000)
    return Result(min(taken), n=len(taken))


# ── what every request pays ──────────────────────────────────────────────────
def _empty(request: HttpRequest) -> HttpResponse:
    """A page with a frame and nothing in it, not even a template."""
    return HttpResponse(str(len(context.build(request))))


urlpatterns = [*ours, path("bench/empty/", _empty)]


@bench("pages.request", unit="ms")
def request() -> Iterator[Result]:
    """Session, who asks, menu, counters, policy, messages: Python's processor time and statements."""
    country.use()
    (grant, _), *_ = one_child._schools(1)
    came = RequestFactory()._base_environ(PATH_INFO="/bench/empty/", HTTP_COOKIE=visit(grant))
    with override_settings(ROOT_URLCONF=__name__):
        served_by = get_wsgi_application()

        def ask() -> None:
            answer = served_by(dict(came), lambda status, headers: None)
            if not b"".join(answer).isdigit():
                raise RuntimeError("the empty page did not answer")
            answer.close()

        ask()
        with CaptureQueriesContext(connection) as asked:
            ask()
            statements = len(asked)
        taken = []
        for _ in range(ROUNDS):
            began = time.process_time()
            for _ in range(100):
                ask()
            taken.append((time.process_time() - began) * 10)
    yield Result(min(taken), reference=REQUEST_MS, n=100 * ROUNDS)
    name = "pages.request_statements"
    yield Result(statements, "statements", reference=REQUEST_STATEMENTS, name=name)


# ── pages as served ──────────────────────────────────────────────────────────
class _Browser:
    """One connection of somebody signed in, kept alive as browsers do."""

    def __init__(self, cookie: str):
        self._wire = http.client.HTTPConnection("127.0.0.1", server_of.PORT, timeout=60)
        self._cookie = cookie

    def fresh(self) -> None:
        """Begin anew: the server has closed what was idle for long."""
        self._wire.close()

    def read(self, address: str, times: int) -> None:
        """The same page some times over."""
        self.fresh()
        for _ in range(times):
            self.get(address)

    def get(self, address: str) -> bytes:
        self._wire.request("GET", address, headers={"Cookie": self._cookie})
        answer = self._wire.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address} answered {answer.status}")
        return body

    def post(self, address: str, **values: str) -> str:
        """Send a form; the address that it leads to."""
        headers = {
            "Cookie": f"{self._cookie}; {self._token_cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode(values | {"csrfmiddlewaretoken": self._token})
        self._wire.request("POST", address, body, headers)
        answer = self._wire.getresponse()
        answer.read()
        if answer.status != 303:
            raise RuntimeError(f"{address} answered {answer.status}")
        return answer.headers["Location"]

    def open(self, address: str) -> None:
        """Look at a form, so that it may be sent."""
        self.fresh()
        self._wire.request("GET", address, headers={"Cookie": self._cookie})
        answer = self._wire.getresponse()
        page = answer.read().decode()
        self._token_cookie = answer.headers["Set-Cookie"].partition(";")[0]
        (self._token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)


def _together(acts: Sequence[Callable[[], None]]) -> float:
    """Seconds until all of them, begun at once, are done."""
    failed: list[BaseException] = []
    meet = threading.Barrier(len(acts) + 1)

    def run(act: Callable[[], None]) -> None:
        meet.wait()
        try:
            act()
        except BaseException as error:  # told by the one who asked
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    meet.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return time.perf_counter() - began


def _addresses(grants: Sequence[Grant]) -> dict[str, list[str]]:
    """For each page its address for each of the heads."""
    found: dict[str, list[str]] = {name: [] for name in GOALS if name != "form"}
    for grant in grants:
        pupils = Pupil.objects.filter(institution_id=grant.unit_id)
        sizes = pupils.values_list("class_group_id", flat=True)
        group = min(set(sizes), key=lambda pk, all_=list(sizes): abs(all_.count(pk) - 30))
        uid = ClassGroup.objects.get(pk=group).uid
        found["class_of_30"].append(f"/pupils/?class_id={uid}")
        found["list_of_100"].append("/pupils/")
        found["card"].append(reverse("pupil_detail", args=[pupils.order_by("sort_key")[7].pk]))
        found["home"].append("/")
    return found


def _told(name: str, made: int, seconds: float, sessions: int) -> Result:
    goal = GOALS[name][1 if sessions == 1 else 2]
    title = f"pages.{name}.rate_{sessions}"
    return Result(made / seconds, "per second", reference=goal, n=made, name=title)


@bench("pages.served", unit="ms")
def pages() -> Iterator[Result]:
    """Each page from the web server of `make demo`."""
    address = country.use()
    schools = one_child._schools(SESSIONS)
    grants = [grant for grant, _ in schools]
    addresses = _addresses(grants)
    cookies = [visit(grant) for grant in grants]
    keys = [one_child._key(grant, group.institution.edrpou) for grant, group in schools]
    with served(address, workers=2) as server:
        wait()
        browsers = [_Browser(cookie) for cookie in cookies]
        for name, places in addresses.items():
            for _ in range(8):  # both processes have seen the page before anybody measures
                _together(
                    [lambda b=b, p=p: b.read(p, 1) for b, p in zip(browsers, places, strict=True)]
                )
            size = len(browsers[0].get(places[0]))
            used, asked = [], []
            for _ in range(ROUNDS):
                before, base = processor_ms(server), database_ms()
                browsers[0].read(places[0], EACH)
                used.append((processor_ms(server) - before) / EACH)
                asked.append((database_ms() - base) / EACH)
            least = min(used)
            yield Result(least, reference=GOALS[name][0], n=EACH * ROUNDS, name=f"pages.{name}")
            yield Result(min(asked), n=EACH * ROUNDS, name=f"pages.{name}.database")
            yield Result(size / 1024, "KB", name=f"pages.{name}.size")
            for sessions in (1, SESSIONS):
                acts = [
                    lambda b=b, p=p: b.read(p, EACH)
                    for b, p in list(zip(browsers, places, strict=True))[:sessions]
                ]
                best = min(_together(acts) for _ in range(ROUNDS))
                yield _told(name, EACH * sessions, best, sessions)
        base = random.SystemRandom().randrange(1_000, 900_000)
        for sessions in (1, SESSIONS):
            heads = [
                _Head(browser, group, key)
                for browser, (_, group), key in list(zip(browsers, schools, keys, strict=True))[
                    :sessions
                ]
            ]
            yield from _form(heads, server, base + sessions * 1_000)


class _Head:
    """A head at the form of one child. The key signs on the head's own computer: nobody measures
    meanwhile."""

    def __init__(self, browser: _Browser, group: ClassGroup, key: Any):
        self.browser, self.group, self.key = browser, group, key
        self.orders: list[str] = []
        self.signed: list[tuple[str, str]] = []

    def begin(self, children: Sequence[int], today: datetime.date) -> None:
        form = reverse("draft_one")
        for child in children:
            values = one_child._child(child, self.group.label) | one_child._terms(child, today)
            self.orders.append(self.browser.post(form, **values))

    def sign_at_home(self) -> None:
        for address in self.orders:
            order = Order.objects.get(pk=address.rstrip("/").rpartition("/")[2])
            signature = base64.b64encode(one_child._sign(order, self.key)).decode()
            self.signed.append((reverse("order_sign", args=[order.pk]), signature))
        self.orders = []

    def send(self) -> None:
        self.browser.fresh()
        for address, signature in self.signed:
            self.browser.post(address, signature=signature)
        self.signed = []


def _form(heads: Sequence[_Head], server: Any, base: int) -> Iterator[Result]:
    today = clock.today()
    used, asked, seconds = [], [], []
    for turn in range(TURNS):
        first = base + turn * 200
        for head in heads:
            head.browser.open(reverse("draft_one"))
        before, stood = processor_ms(server), database_ms()
        taken = _together(
            [
                lambda h=head, s=first + place * CHILDREN: h.begin(range(s, s + CHILDREN), today)
                for place, head in enumerate(heads)
            ]
        )
        spent, found = processor_ms(server) - before, database_ms() - stood
        for head in heads:
            head.sign_at_home()
        connections.close_all()
        before, stood = processor_ms(server), database_ms()
        taken += _together([head.send for head in heads])
        if turn:
            used.append(spent + processor_ms(server) - before)
            asked.append(found + database_ms() - stood)
            seconds.append(taken)
    made = CHILDREN * len(heads)
    if len(heads) == 1:
        yield Result(min(used) / made, reference=GOALS["form"][0], n=made, name="pages.form")
        yield Result(min(asked) / made, n=made, name="pages.form.database")
    yield _told("form", made, min(seconds), len(heads))


@bench("pages.api", unit="per second")
def api() -> Iterator[Result]:
    """A page of 100 of the API; `ratio` is to raw SQL in one connection, at least 0.7 is asked."""
    yield from bench_eis.pages()  # type: ignore[operator, misc]
