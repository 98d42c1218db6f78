"""A hostile script in the portal's own pages, in a real browser: what it tries, and what it gets.

`page.evaluate` is that script: it runs in the page's realm with all that a script of the origin may.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from signatures.result import Overall
from tests.signatures_browser import sample_pages
from tests.signatures_browser.material import HEAD, KeyFile, Material
from tests.signatures_browser.test_in_browser import card, confirm, kept, open_key

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.signatures_browser.urls"),
]
store = sample_pages.store
PERSON = {"person": HEAD["rnokpp"], "signer": HEAD["full_name"]}

# Ask the worker that keeps the key, or one of its own, as a script of the page can.
ASK = """async ([address, question, shared]) => {
  const options = { name: "aikom-signer", extendedLifetime: true };
  const url = address || document.querySelector("[data-ak-worker]").dataset.akWorker;
  return await new Promise((resolve) => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => resolve(violatedDirective));
    try {
      const worker = shared ? new SharedWorker(url, options) : new Worker(url);
      const port = shared ? worker.port : worker;
      port.onmessage = ({ data }) => resolve(data);
      port.postMessage({ id: 1, ...question });
    } catch (why) { resolve(why.name); }
  });
}"""
FORBIDDEN = """async () => {
  const tried = {};
  try { new Function("return 1")(); tried.code = "ran"; } catch (why) { tried.code = why.name; }
  try { (0, eval)("1"); tried.eval = "ran"; } catch (why) { tried.eval = why.name; }
  for (const url of [OTHER, location.origin + "/test/content/"]) {
    await fetch(url, { mode: "no-cors" }).then(() => (tried[url] = "sent"), (why) => (tried[url] = why.name));
  }
  try { importScripts(OTHER); tried.script = "ran"; } catch (why) { tried.script = why.name; }
  return tried;
}"""


@pytest.fixture
def key(todays_files: dict[str, KeyFile]) -> KeyFile:
    return todays_files["head.p12"]


@pytest.fixture(autouse=True)
def fresh(today: Material) -> Iterator[None]:
    store.__init__(trust=today.trust, person=PERSON)
    yield
    store.__init__()


def keep_open(page: Page, key: KeyFile) -> None:
    """Sign one thing and leave the key open; then stand on a page that signs the next."""
    open_key(page, key)
    page.get_by_label("Не закривати ключ до кінця роботи").check()
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.locator("#answer")).to_have_text("VALID")
    page.get_by_role("link", name="Наступний наказ").click()
    expect(kept(page)).to_contain_text(HEAD["full_name"])


def ask(page: Page, what: str, *, address: str = "", shared: bool = True, **fields: Any) -> Any:
    return page.evaluate(ASK, [address, {"do": what, **fields}, shared])


def ticket(page: Page) -> str:
    return str(page.locator("form[data-ak-sign]").get_attribute("data-ak-sign-ticket"))


def sign_these(page: Page, content: str, ticket: str, **more: Any) -> Any:
    """Ask the keeper for a signature of any bytes."""
    return page.evaluate(
        f"""async ([content, question]) => {{
          const bytes = new TextEncoder().encode(content).buffer;
          return await ({ASK})(["", {{ do: "sign", detached: true, content: bytes, ...question }}, true]);
        }}""",
        [content, {"ticket": ticket, **more}],
    )


CONTENT = sample_pages.CONTENT.decode()


# ── the kept key ─────────────────────────────────────────────────────────────
def test_a_script_gets_no_signature_of_other_bytes(page: Page, key):
    keep_open(page, key)
    assert sign_these(page, "Наказ крадія", ticket(page))["code"] == "content-refused"
    assert sign_these(page, "Наказ крадія", "")["code"] == "ticket-refused"


def test_a_script_cannot_make_a_ticket_of_its_own(page: Page, key):
    """Neither by changing one, nor with a key of its own: the worker's was given by the server."""
    keep_open(page, key)
    body, signature = ticket(page).split(".")
    fields = json.loads(base64.b64decode(body))
    fields["sha256"] = "0" * 64
    changed = base64.b64encode(json.dumps(fields).encode()).decode()
    assert sign_these(page, "x", f"{changed}.{signature}")["code"] == "ticket-refused"
    own = page.evaluate(
        """async (body) => {
          const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
          const name = new TextEncoder().encode("aikom.signing.ticket.1\\0");
          const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
          const made = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, new Uint8Array([...name, ...bytes]));
          return btoa(String.fromCharCode(...new Uint8Array(made)));
        }""",
        changed,
    )
    assert sign_these(page, "x", f"{changed}.{own}")["code"] == "ticket-refused"


def test_a_script_gets_no_signature_of_the_right_bytes_without_a_press(page: Page, key):
    keep_open(page, key)
    for secret in ("", "0" * 64, None):
        answer = sign_these(page, CONTENT, ticket(page), secret=secret)
        assert answer["code"] == "not-confirmed"
    page.evaluate("document.querySelector('form[data-ak-sign]').requestSubmit()")
    page.evaluate("document.querySelector('[data-ak-sign-button]').click()")
    page.wait_for_timeout(300)
    assert len(store.posts) == 1  # the first signature alone
    expect(page.locator("iframe")).to_have_count(0)


def test_a_script_can_neither_read_nor_press_in_the_frame(page: Page, key):
    keep_open(page, key)
    page.get_by_role("button", name="Підписати дані").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("button[aria-disabled=false]")).to_have_text("Так, підписати")
    inside = page.evaluate(
        """() => { try { return frames[0].document.body.innerHTML } catch (why) { return why.name } }"""
    )
    assert inside == "SecurityError"
    fetched = page.evaluate(
        """async () => {
          const form = document.querySelector("body > form");
          const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
          return [answer.status, (await answer.text()).includes("data-secret")];
        }"""
    )
    assert fetched == [404, False]
    # A press that a script makes inside the frame counts for nothing either.
    page.frames[1].evaluate("document.querySelector('button').click()")
    page.wait_for_timeout(300)
    assert len(store.posts) == 1
    confirm(page)
    expect(page.locator("#answer")).to_have_text("VALID")


@pytest.mark.parametrize(
    "hiding",
    [
        "#over { position: fixed; inset: 0; pointer-events: none; background: white }",
        "iframe { opacity: 0.01 }",
        "iframe { block-size: 3rem !important }",
        "iframe { transform: scale(0.2) }",
    ],
)
def test_a_frame_that_the_person_does_not_see_whole_cannot_be_pressed(page: Page, key, hiding):
    keep_open(page, key)
    page.evaluate(
        """(rule) => {
          const over = document.createElement("div"); over.id = "over"; document.body.append(over);
          const sheet = new CSSStyleSheet(); sheet.replaceSync(rule);
          document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        }""",
        hiding,
    )
    page.get_by_role("button", name="Підписати дані").click()
    button = page.frame_locator("iframe").get_by_role("button", name="Так, підписати")
    expect(button).to_have_attribute("aria-disabled", "true")
    page.wait_for_timeout(1_200)  # longer than a frame in plain sight needs
    expect(button).to_have_attribute("aria-disabled", "true")
    box = button.bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(200)
    assert len(store.posts) == 1


def test_the_frame_shows_what_the_server_froze_and_whose_signature_it_wants(page: Page, key):
    keep_open(page, key)
    page.evaluate("document.querySelector('h1').textContent = 'Довідка'")
    page.get_by_role("button", name="Підписати дані").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Наказ № 112-у")
    expect(frame.locator("dl")).to_contain_text(HEAD["full_name"])
    # The frame has its height and its place: what is pressed before that moves from under the mouse.
    expect(frame.locator("button[aria-disabled=false]")).to_have_text("Так, підписати")
    frame.get_by_role("button", name="Не підписувати").click()
    expect(page.get_by_role("alert")).to_contain_text("Підпис не підтверджено")
    expect(kept(page)).to_be_visible()
    assert len(store.posts) == 1


def test_a_kept_key_is_of_one_person_and_one_visit(page: Page, key):
    keep_open(page, key)
    own = ticket(page)
    store.person = {"person": "1234567899", "signer": "Хтось Інший"}
    page.goto("/test/sign/order/")
    expect(page.get_by_role("button", name="Відкрити ключ")).to_be_enabled()
    answer = ask(page, "state", ticket=ticket(page))
    assert answer["code"] == "another-person"
    assert ask(page, "state", ticket=own)["ok"]
    store.person = PERSON
    page.goto("/test/visit/")  # another visit of the same person in the same browser
    page.goto("/test/sign/order/")
    assert ask(page, "state", ticket=ticket(page))["code"] == "ticket-refused"


def test_the_door_can_only_close_a_kept_key(page: Page, key):
    keep_open(page, key)
    page.route("**/built/sign.js", lambda route: route.abort())  # so that it is not closed at once
    page.goto("/test/sign/login/")
    for what in ("state", "sign"):
        answer = (
            ask(page, what, ticket=ticket(page))
            if what == "state"
            else sign_these(page, CONTENT, ticket(page))
        )
        assert answer["code"] == "ticket-refused"


@pytest.mark.parametrize("address", ["/verify/", "/rules/"])
def test_the_key_is_out_of_reach_of_public_pages(page: Page, key, address):
    keep_open(page, key)
    worker = str(page.locator("[data-ak-worker]").get_attribute("data-ak-worker"))
    own = ticket(page)
    page.goto(address)
    assert ask(page, "state", address=worker, ticket=own) == "worker-src"
    # Nor through a window: a page that signs is cut off from whoever opened it.
    with page.expect_popup() as opened:
        page.evaluate("window.opened = window.open('/test/sign/order/')")
    expect(opened.value.locator("form[data-ak-sign]")).to_be_visible()
    reached = page.evaluate(
        "() => { try { return String(window.opened.document) } catch (why) { return why.name } }"
    )
    assert reached in ("SecurityError", "TypeError")
    # Nor in a frame.
    refused = page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => resolve(violatedDirective));
          const frame = document.createElement("iframe"); frame.src = "/test/sign/order/"; document.body.append(frame);
        })"""
    )
    assert refused == "frame-src"


# ── the page's own worker ────────────────────────────────────────────────────
def test_a_page_that_was_changed_gets_no_signature_of_what_it_says(page: Page, key):
    open_key(page, key)
    expect(card(page)).to_be_visible()
    page.evaluate(
        """() => (document.querySelector("form[data-ak-sign]").dataset.akSignContent = btoa("other"))"""
    )
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.get_by_role("alert")).to_contain_text("не той документ, який підготував сервер")
    assert store.posts == []


def test_what_a_changed_page_shows_changes_nothing_in_what_is_signed(page: Page, key):
    """What a page draws cannot be vouched for from inside the page; the signature is of the bytes
    that the server froze, whatever stood on the screen."""
    open_key(page, key)
    expect(card(page)).to_be_visible()
    page.evaluate("document.querySelector('h1').textContent = 'Наказ крадія'")
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.locator("#answer")).to_have_text("VALID")
    assert store.results[0].overall == Overall.VALID  # of CONTENT, which the server compared


def test_an_opened_key_waits_for_a_press(page: Page, key):
    open_key(page, key)
    expect(card(page)).to_be_visible()
    page.evaluate("document.querySelector('form[data-ak-sign]').requestSubmit()")
    page.evaluate("document.querySelector('[data-ak-sign-button]').click()")
    page.wait_for_timeout(300)
    assert store.posts == []


# A script that comes once the key is open catches the worker when the page next speaks to it.
CATCH = """() => {
  const plain = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (...told) { window.caught = this; return plain.apply(this, told); };
}"""
ASK_CAUGHT = """async ([question, moved]) => {
  const { port1, port2 } = new MessageChannel();
  const heard = new Promise((resolve) => {
    port2.onmessage = ({ data }) => resolve(data);
    window.caught.onmessage = ({ data }) => data.id === 7 && (moved && data.ok || resolve(data));
  });
  const content = new TextEncoder().encode(question.content).buffer;
  window.caught.postMessage({ id: 7, detached: true, to: port1, ...question, content }, [port1]);
  const data = await heard;
  return moved ? { names: Object.keys(data), open: data.open, text: JSON.stringify(data) } : data;
}"""


def caught(page: Page, key: KeyFile) -> str:
    """The page's worker in the hands of a script, and the ticket that its key was opened for."""
    open_key(page, key)
    expect(card(page)).to_be_visible()
    page.evaluate(CATCH)
    page.evaluate("document.querySelector('form[data-ak-sign]').dataset.akSignContent = ''")
    page.get_by_role("button", name="Підписати дані").click()  # refused: other bytes
    expect(page.get_by_role("alert")).to_be_visible()
    return ticket(page)


def test_an_open_key_signs_for_the_page_it_was_opened_on_and_no_other(page: Page, key):
    """Another order waits for the same person: its ticket and bytes are there for the fetching."""
    own = caught(page, key)
    other = page.evaluate(
        """async () => {
          const text = await (await fetch("/test/sign/order/")).text();
          return new DOMParser().parseFromString(text, "text/html").querySelector("[data-ak-sign-ticket]").dataset.akSignTicket;
        }"""
    )
    assert other != own
    for token, code in ((other, "ticket-refused"), ("", "ticket-refused")):
        question = {"do": "sign", "ticket": token, "content": CONTENT}
        assert page.evaluate(ASK_CAUGHT, [question, False])["code"] == code
    question = {"do": "certificates", "ticket": other, "certificates": [], "content": ""}
    assert page.evaluate(ASK_CAUGHT, [question, False])["code"] == "ticket-refused"
    assert store.posts == []


@pytest.mark.parametrize("name", ["head.p12", "p256-3des.p12"])
def test_a_key_passes_to_the_keeper_sealed(page: Page, todays_files, name):
    """A script that brings a channel of its own hears nothing it can use."""
    caught(page, todays_files[name])
    given = page.evaluate(ASK_CAUGHT, [{"do": "keep", "content": ""}, True])
    assert set(given["names"]) == {"open", "certificate", "how", "sealed", "algorithm"}
    assert not {"d", "cryptoKey"} & set(given["open"])
    told = page.evaluate(
        "async () => (await fetch(document.querySelector('[data-ak-worker]').dataset.akWorker)).text()"
    )
    assert "between" not in told


def test_somebody_elses_key_is_remarked_when_it_opens(page: Page, key):
    store.person = {"person": "1234567899", "signer": "Шкільна Олена Петрівна"}
    open_key(page, key)
    problem = page.locator("#sign-key-error")
    expect(problem).to_contain_text(f"Цей ключ видано іншій особі: {HEAD['surname']}")
    expect(problem).to_contain_text("Підписати має Шкільна Олена Петрівна")
    expect(page.get_by_role("button", name="Підписати дані")).to_be_hidden()


def test_the_key_of_another_organisation_is_remarked_when_it_opens(page: Page, key):
    store.person = PERSON | {"organisations": ["99999999"]}
    open_key(page, key)
    expect(page.locator("#sign-key-error")).to_contain_text(
        f"Цей ключ видано для іншої організації, ЄДРПОУ {HEAD['edrpou']}"
    )


# ── what a worker may do ─────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["order", "login", "lookup", "address", "htmx"])
def test_nothing_leaves_a_worker_and_no_other_code_runs_in_it(page: Page, key, kind):
    elsewhere = "http://127.0.0.1:9/"
    open_key(page, key, kind)
    expect(card(page)).to_be_visible()
    [worker] = [one for one in page.workers if "/signing/worker.js" in one.url]
    # Debuggers may evaluate whatever the policy says; a task that the worker runs later may not.
    attempt = FORBIDDEN.replace("OTHER", json.dumps(elsewhere))
    worker.evaluate(f"() => void setTimeout(() => (self.attempt = ({attempt})()))")
    tried = worker.evaluate(
        "async () => { while (!self.attempt) await new Promise(setTimeout); return self.attempt; }"
    )
    home = page.url.split("/test/")[0] + "/test/content/"
    assert tried == {
        "code": "EvalError",
        "eval": "EvalError",
        elsewhere: "TypeError",
        home: "TypeError",
        "script": "NetworkError",
    }


def test_a_page_starts_no_worker_but_the_signing_one(page: Page):
    page.goto("/test/sign/order/")
    for address in ("/static/built/icons.js", "data:text/javascript,1", "blob:x"):
        assert ask(page, "x", address=address, shared=False) in ("worker-src", "SecurityError")
    assert ask(page, "x", address="/static/signatures/built/signer.worker.js", shared=False) == (
        "worker-src"
    )
    refused = page.evaluate(
        """(url) => navigator.serviceWorker.register(url).then(() => "registered", (why) => why.name)""",
        "/signing/worker.js",
    )
    assert refused in ("SecurityError", "TypeError")
