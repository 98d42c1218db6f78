"""A page over the line of a slow phone: how soon it can be read, what it asks for.

Chromium slows the wire itself (400 ms to answer, 400 kbit/s); the server is that of `make demo` over
the country of `make country`. Readable is the first paint with text, whatever letters it is in.
`reference` is the goal of the issue about pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.bench import Result, bench, country
from tests.bench import bench_pages as of_pages
from tests.bench import bench_pupils as one_child
from tests.bench import served as server_of
from tests.bench.served import served, visit, wait
from tests.kit import chromium

LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
PHONE = {"width": 390, "height": 844}
GOALS = {"first_visit": (3.0, 12.0), "next_page": (1.2, 2.0)}
VISITS = 3

_READABLE = """() => new Promise(done => {
    const told = entries => entries.filter(one => one.name === "first-contentful-paint")
        .forEach(one => done(one.startTime));
    new PerformanceObserver(list => told(list.getEntries())).observe({type: "paint", buffered: true});
})"""


class _Wire:
    """What really came over the line: requests and bytes, nothing that the browser kept."""

    def __init__(self, page: Page):
        self._page, self.asked, self.bytes = page, 0, 0.0
        self._kept: set[str] = set()
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        self._session.send("Network.emulateNetworkConditions", LINE)
        self._session.on("Network.requestServedFromCache", self._from_cache)
        self._session.on("Network.loadingFinished", self._came)

    def _from_cache(self, told: dict[str, Any]) -> None:
        self._kept.add(told["requestId"])

    def _came(self, told: dict[str, Any]) -> None:
        if told["requestId"] not in self._kept and told["encodedDataLength"]:
            self.asked += 1
            self.bytes += told["encodedDataLength"]

    def open(self, address: str) -> tuple[float, int, float]:
        """Seconds until the page is readable, requests and kilobytes until all of it is there."""
        self.asked, self.bytes = 0, 0.0
        answer = self._page.goto(address, wait_until="networkidle")
        if answer is None or not answer.ok:
            raise RuntimeError(f"{address} did not answer")
        readable: float = self._page.evaluate(_READABLE)
        return readable / 1000, self.asked, self.bytes / 1024


@bench("pages.first_visit", unit="s")
def first_visit() -> Iterator[Result]:
    """The home page by a browser that was never here, and then the list of a class."""
    address = country.use()
    program = chromium.find()
    if program is None:
        raise RuntimeError(chromium.MISSING)
    ((grant, _),) = one_child._schools(1)
    name, _, value = visit(grant).partition("=")
    pages = of_pages._addresses([grant])
    told: dict[str, list[tuple[float, int, float]]] = {each: [] for each in GOALS}
    with served(address, workers=2), sync_playwright() as playwright:
        wait()
        here = f"http://127.0.0.1:{server_of.PORT}"
        browser = playwright.chromium.launch(executable_path=program, args=chromium.FLAGS)
        for turn in range(VISITS + 1):  # at the first of them the server has not drawn the page yet
            context = browser.new_context(viewport=PHONE, device_scale_factor=2)  # type: ignore[arg-type]
            context.add_cookies([{"name": name, "value": value, "url": here}])
            wire = _Wire(context.new_page())
            for each, path in zip(GOALS, ("/", pages["class_of_30"][0]), strict=True):
                seen = wire.open(here + path)
                if turn:
                    told[each].append(seen)
            context.close()
        browser.close()
    for each, (seconds, requests) in GOALS.items():
        readable, asked, size = sorted(told[each])[VISITS // 2]
        yield Result(readable, reference=seconds, n=VISITS, name=f"pages.{each}")
        yield Result(asked, "requests", reference=requests, name=f"pages.{each}.requests")
        yield Result(size, "KB", name=f"pages.{each}.size")
