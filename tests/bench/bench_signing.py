"""Signing in the browser: what a person waits for, and how it compares with barvinok."""

import base64
import datetime
import gzip
import json
import statistics
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import RequestFactory, override_settings
from django.utils import timezone
from playwright.sync_api import Route, sync_playwright

from kernel import frontend
from signatures import tickets
from signatures.browser import build
from signatures.demo import keystore
from signatures.demo.authority import Authority
from signatures.portal import signing
from tests.bench import Result, bench
from tests.kit import chromium

PASSWORD = "vyshnia-2026"
# A page that does what sign.js does: a worker, a key, a signature of what the ticket names.
PAGE = """async ([file, password, ticket]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const worker = new Worker("/signing/worker.js");
  let last = 0;
  const ask = (what, fields) => new Promise((resolve, reject) => {
    const id = ++last;
    worker.onerror = () => reject(new Error("the worker did not start"));
    worker.onmessage = ({ data }) => (data.ok ? resolve(data.value) : reject(new Error(data.code)));
    worker.postMessage({ id, do: what, ticket, ...fields });
  });
  const began = performance.now();
  const password_ = new TextEncoder().encode(password);
  await ask("open", { key: bytes(file).buffer, password: password_, certificates: [] });
  const opened = performance.now();
  await ask("sign", { content: new ArrayBuffer(20000), detached: true });
  const signed = performance.now();
  worker.terminate();
  return [opened - began, signed - opened];
}"""
CONTENT = bytes(20_000)


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


def served(response: HttpResponse) -> dict[str, Any]:
    """An answer of ours as the browser gets it, its policy too."""
    return {"body": response.content.decode(), "headers": dict(response.items())}


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
    asked = RequestFactory().get("/signing/worker.js", headers={"Host": "localhost"})
    asked.session = SessionStore()  # type: ignore[assignment]
    with override_settings(DEBUG=True):  # static files under their own names
        answers = {
            "/signing/worker.js": served(signing.worker(asked)),
            static(signing.WORKER): {
                "body": (build.BUILT / "signer.worker.js").read_text(),
                "content_type": "text/javascript",
            },
        }
    nothing = {"body": "<!doctype html><title>signing</title>", "content_type": "text/html"}
    file = base64.b64encode(container()).decode()
    ticket = tickets.to_sign(asked, CONTENT, now=timezone.now(), title="").ticket

    def answer(route: Route) -> None:
        route.fulfill(**answers.get(urlsplit(route.request.url).path, nothing))

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium.FLAGS)
        context = browser.new_context()
        context.route("**/*", answer)
        page = context.new_page()
        page.goto("http://localhost/")
        runs = [page.evaluate(PAGE, [file, PASSWORD, ticket]) for _ in range(5)]
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
