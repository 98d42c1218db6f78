"""Signing in the browser: what a person waits for, and how it compares with barvinok."""

import base64
import datetime
import gzip
import json
import statistics
import subprocess
from collections.abc import Iterator

from playwright.sync_api import Route, sync_playwright

from kernel import frontend
from signatures.browser import build
from signatures.demo import keystore
from signatures.demo.authority import Authority
from tests.bench import Result, bench
from tests.kit import chromium

PASSWORD = "vyshnia-2026"
# A page that does what sign.js does: a worker, a key, a signature.
PAGE = """async ([file, password]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const worker = new Worker("/signer.worker.js");
  let last = 0;
  const ask = (what, fields) => new Promise((resolve, reject) => {
    const id = ++last;
    worker.onmessage = ({ data }) => (data.ok ? resolve(data.value) : reject(data.code));
    worker.postMessage({ id, do: what, ...fields });
    setTimeout(reject, 30_000, "the worker does not answer without a ticket");
  });
  const began = performance.now();
  const password_ = new TextEncoder().encode(password);
  await ask("open", { key: bytes(file).buffer, password: password_, certificates: [] });
  const opened = performance.now();
  await ask("sign", { content: new ArrayBuffer(20000), detached: true, at: new Date().toISOString() });
  const signed = performance.now();
  worker.terminate();
  return [opened - began, signed - opened];
}"""


def container() -> bytes:
    """A PKCS#12 as providers make them: 10,000 rounds for the key and again for certificates."""
    authority = Authority.in_memory()
    key, certificate = authority.issue_person(
        full_name="Ґалаґан Ніна Степанівна",
        rnokpp="3333333339",
        edrpou="00990012",
        at=datetime.datetime.now(datetime.UTC),
    )
    return keystore.pack(key, [certificate], PASSWORD, iterations=10_000)


@bench("signing.page_bundle", unit="KB gzip")
def page_bundle() -> Result:
    build.build()
    files = [build.BUILT / name for name in ("sign.js", "signer.worker.js")]
    return Result(sum(len(gzip.compress(file.read_bytes())) for file in files) / 1024, n=2)


@bench("signing.in_chromium", unit="ms")
def in_chromium() -> Iterator[Result]:
    """A container opened and a document signed in the system's Chromium, worker start included."""
    build.build()
    program = chromium.find()
    if program is None:
        return
    file = base64.b64encode(container()).decode()
    script = (build.BUILT / "signer.worker.js").read_text()

    def answer(route: Route) -> None:
        if route.request.url.endswith(".js"):
            route.fulfill(body=script, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>signing</title>", content_type="text/html")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium.FLAGS)
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto("http://localhost/")
        runs = [page.evaluate(PAGE, [file, PASSWORD]) for _ in range(5)]
        browser.close()
    opened, signed = (statistics.median(times) for times in zip(*runs, strict=True))
    yield Result(opened, name="signing.chromium_opens_pkcs12", n=len(runs))
    yield Result(signed, name="signing.chromium_signs", n=len(runs))


@bench("signing.against_barvinok", unit="ms")
def against_barvinok() -> Iterator[Result]:
    """Ours, with barvinok in the same process as the reference."""
    frontend.install(build.PROJECT)
    script = build.PROJECT.parent.parent / "tests" / "signatures_browser" / "speed.mjs"
    question = {"file": base64.b64encode(container()).decode(), "password": PASSWORD}
    done = subprocess.run(
        [frontend.node(), script, build.PROJECT],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=True,
    )
    for name, (ours, theirs) in json.loads(done.stdout).items():
        yield Result(ours, name=f"signing.{name}", reference=theirs)
