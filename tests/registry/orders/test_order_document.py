"""A signed order as documents: paper with its mark, a container, a public page, a row alone."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pypdfium2
import pytest
from defusedxml import ElementTree
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from accounts import actors
from kernel import clock
from kernel.db import command
from registry.orders import papers as documents
from registry.orders.papers import order_pdf
from registry.orders.selectors import orders as reads
from signatures import api, exports
from signatures.models import SigningSession
from signatures.packages import BrokenPackage
from signatures.selectors.sessions import files_of
from signatures.services import sessions
from tests.kit import acts
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import NOW
from tests.registry.orders.test_orders import prepared, sign
from tests.world import sign_in


@pytest.fixture
def olena(world):
    return world.actor("olena")


@pytest.fixture
def order(world, olena):
    return sign(olena, prepared(olena, world, [numbered(n) for n in range(1, 4)]))


@pytest.fixture
def head(world, client):
    sign_in(client, world.grants["olena"])
    return client


def session_of(order) -> SigningSession:
    return SigningSession.objects.get(pk=order.signing_id)


def words_in(pdf: bytes) -> str:
    """Everything readable in the streams of a PDF, its metadata included."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    told = [pdf.decode("latin-1")]
    for stream in streams:
        try:
            told.append(zlib.decompress(stream).decode("utf-8", "replace"))
        except zlib.error:
            told.append(stream.decode("utf-8", "replace"))
    return "\n".join(told)


def data_of(order, olena) -> dict:
    shown = reads.view(olena, order.pk)
    return documents.mark(
        shown.session,
        shown.document["institution"]["name"],
        shown.session.code,
        "https://x/verify/Y/",
    )


# ── paper ────────────────────────────────────────────────────────────────────
def test_the_paper_is_pdf_a_in_ukrainian_with_a_title(head, order):
    response = head.get(reverse("order_pdf", args=[order.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    told = words_in(response.content)
    assert "<pdfaid:part>2</pdfaid:part>" in told
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in told
    assert "<pdfuaid:part>1</pdfuaid:part>" in told
    assert "Наказ № 112-у від 20.11.2026" in told
    assert "/Lang(uk-UA)" in told


def test_the_mark_names_body_number_signer_certificate_and_validity(order, olena):
    stamp = data_of(order, olena)["stamp"]
    session = session_of(order)
    moment = clock.local(session.signed_at)
    assert stamp["mark"] == f"КЕП: ШКІЛЬНА О. В. {moment:%d.%m.%Y %H:%M}"
    assert stamp["signer"] == "Шкільна Олена Василівна"
    assert stamp["serial"] == session.certificate_serial.upper()
    assert re.fullmatch(
        r"Дійсний: з \d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d по \d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d",
        stamp["validity"],
    )
    assert stamp["body"].isupper()


def test_the_paper_is_the_same_every_time(order, olena):
    shown = reads.view(olena, order.pk)
    assert order_pdf(shown, "https://x/verify/1/") == order_pdf(shown, "https://x/verify/1/")


def test_a_sign_no_font_has_does_not_stop_the_paper(world, olena):
    order = prepared(olena, world, [numbered(1)], ground="заяви батьків \U0001f600 \ue000 漢")
    shown = reads.view(olena, sign(olena, order).pk)
    assert order_pdf(shown, "https://x/verify/1/").startswith(b"%PDF-")


def test_an_order_that_waits_has_neither_paper_nor_container(world, olena, head):
    waiting = prepared(olena, world, [numbered(1)])
    for name in ("order_pdf", "order_container"):
        assert head.get(reverse(name, args=[waiting.pk])).status_code == 404


@pytest.mark.parametrize("name", ["order_pdf", "order_container"])
def test_another_school_meets_nothing(name, world, order, client):
    sign_in(client, world.grants["petro"])
    assert client.get(reverse(name, args=[order.pk])).status_code == 404


def test_the_signed_page_offers_both_files(head, order):
    page = head.get(reverse("order_detail", args=[order.pk])).content.decode()
    for name in ("order_pdf", "order_container"):
        assert reverse(name, args=[order.pk]) in page
    assert reverse("verify_document", args=[session_of(order).code]) in page


# ── container ────────────────────────────────────────────────────────────────
def test_the_container_is_an_asic_e_that_verifies_by_itself_and_a_changed_one_does_not(head, order):
    made = head.get(reverse("order_container", args=[order.pk]))
    assert made["Content-Type"] == "application/vnd.etsi.asic-e+zip"
    assert named(made) == "Наказ 112-у від 20.11.2026.asice"
    result = api.verify_upload([("a.asice", made.content)], at=session_of(order).signed_at)
    files = ("document.json", "order.pdf", "rows.jsonl")
    assert (result.kind, result.overall, result.covered, result.uncovered, result.missing) == (
        "asic-e", "VALID", files, (), ()
    )  # fmt: skip
    for name, was, becomes in (
        ("document.json", "112-у".encode(), "113-у".encode()),
        ("rows.jsonl", b'"no":2', b'"no":7'),
    ):
        forged = changed(made.content, name, was, becomes)
        answer = Client().post("/verify/", {"file": SimpleUploadedFile("a.asice", forged)})
        assert "Підпису не можна довіряти" in answer.content.decode()


def named(response) -> str:
    """The name a browser keeps a download under (RFC 6266)."""
    return unquote(response["Content-Disposition"].partition("filename*=utf-8''")[2])


def changed(container: bytes, name: str, was: bytes, becomes: bytes) -> bytes:
    """The container with one file changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(container)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            assert entry.filename != name or was in data
            new.writestr(entry, data.replace(was, becomes) if entry.filename == name else data)
    return made.getvalue()


def test_the_container_is_read_by_nothing_of_ours(head, order):
    """Unpacked by zipfile, digests by hashlib, as another reader would."""
    made = head.get(reverse("order_container", args=[order.pk])).content
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        first, *names = archive.namelist()
        files = {name: archive.read(name) for name in names}
        assert (first, archive.read(first)) == ("mimetype", b"application/vnd.etsi.asic-e+zip")
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
        assert made[30:38] == b"mimetype"
    manifest = files.pop("META-INF/ASiCManifest001.xml")
    assert manifest == bytes(session_of(order).content)
    signature, *lines = ElementTree.fromstring(manifest)
    assert signature.get("URI") == "META-INF/signature001.p7s"
    assert files.pop("META-INF/signature001.p7s") == bytes(session_of(order).signature)
    listed = {line.get("URI"): base64.b64decode(line[1].text) for line in lines}
    assert listed == {name: hashlib.sha256(data).digest() for name, data in files.items()}
    assert files["order.pdf"].startswith(b"%PDF-")
    rows = [bytes(row.content) for row in order.rows.order_by("position")]
    assert files["rows.jsonl"].splitlines() == rows


def test_the_paper_that_was_signed_has_no_mark_and_all_pupils(head, order):
    paper = files_of(session_of(order))["order.pdf"]
    told = words_in(paper)
    assert "<pdfaid:part>2</pdfaid:part>" in told
    assert "Наказ № 112-у від 20.11.2026" in told
    assert head.get(reverse("order_paper", args=[order.pk])).content == paper
    stamped = head.get(reverse("order_pdf", args=[order.pk])).content
    assert paper.count(b"/Subtype /Image") == 0
    assert paper != stamped


def test_an_order_of_the_first_days_verifies_and_goes_out_as_asic_s(world, olena, head):
    """Then the head was signed itself, without a list of files."""
    waiting = prepared(olena, world, [numbered(n) for n in range(1, 4)])
    package = reads.package_of(waiting, session_of(waiting))
    sessions_of_old(waiting, package)
    order = sign(olena, waiting)

    made = head.get(reverse("order_container", args=[order.pk]))
    assert made["Content-Type"] == "application/vnd.etsi.asic-s+zip"
    result = api.verify_upload([("a.asics", made.content)], at=session_of(order).signed_at)
    assert (result.overall, result.covered) == ("VALID", ("manifest.json",))
    alone = json.loads(head.get(reverse("order_row_proof", args=[order.pk, 2])).content)
    assert "document" not in alone
    assert api.verify_row(alone["manifest"].encode(), alone["row"].encode(), alone["proof"])
    assert head.get(reverse("order_paper", args=[order.pk])).status_code == 404
    for name in ("order_detail", "order_manifest", "order_pdf"):
        assert head.get(reverse(name, args=[order.pk])).status_code == 200
    public = Client().get(reverse("verify_document", args=[session_of(order).code]))
    assert "№ 112-у від 20.11.2026" in public.content.decode()


def sessions_of_old(order, package) -> None:
    """Give a waiting order the signing session it would have had."""

    @command
    def replaced(*, actor):
        acts.noted()
        session = sessions.prepare(
            user_id=session_of(order).user_id,
            purpose="registry.order.enrol",
            content=package.head,
            now=NOW,
        )
        order.signing_id, order.manifest_sha256 = session.pk, session.content_sha256
        order.save(update_fields=["signing_id", "manifest_sha256"])

    replaced(actor=actors.system("test"))


def test_a_kept_file_changed_in_the_database_stops_the_order(world, olena):
    """What keeps it from changing is a trigger; what notices a change past it is the signature."""
    waiting = prepared(olena, world, [numbered(1)])
    kept = session_of(waiting).files.get(name="order.pdf")
    kept.content = b"%PDF-1.7 another"
    with pytest.raises(Error, match="Cannot update"), transaction.atomic():
        kept.save()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        kept.save()
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(BrokenPackage):
        sign(olena, waiting)


# ── the public page ──────────────────────────────────────────────────────────
def test_the_public_page_shows_the_document_and_no_child(order):
    session = session_of(order)
    answer = Client().get(reverse("verify_document", args=[session.code]))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Підпис дійсний" in text
    assert "№ 112-у від 20.11.2026" in text
    assert "Шкільна Олена Василівна" in text
    for row in order.rows.all():
        said = json.loads(bytes(row.content))
        assert said["surname"] not in text
        assert said["document"]["number"] not in text
    assert "no-store" in answer["Cache-Control"]


def test_a_code_is_typed_with_dashes_in_any_case(order):
    code = session_of(order).code
    assert re.fullmatch(r"[0-9A-F]{20}", code)
    typed = "-".join(code[i : i + 4] for i in range(0, 20, 4)).lower()
    answer = Client().get("/verify/", {"code": typed})
    assert answer["Location"] == reverse("verify_document", args=[code])


def test_a_wrong_code_and_an_unsigned_document_read_alike(world, olena):
    waiting = prepared(olena, world, [numbered(1)])
    for code in ("0" * 20, session_of(waiting).code, "../", "х"):
        assert Client().get(f"/verify/{code}/").status_code == 404


@pytest.mark.django_db
def test_a_mistyped_code_is_told_beside_its_field():
    answer = Client().get("/verify/", {"code": "<7F3A>"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Підписаного документа з таким кодом немає" in text
    assert 'value="&lt;7F3A&gt;"' in text


def test_a_certificate_that_ran_out_since_leaves_the_document_good(order):
    session = session_of(order)
    later = session.signed_at + datetime.timedelta(days=3 * 365)
    assert exports.recheck(session, later).valid


def test_a_code_never_changes(order):
    @command
    def change(*, actor):
        acts.noted()
        SigningSession.objects.filter(pk=order.signing_id).update(code="1")

    with pytest.raises(Error):
        change(actor=actors.system("test"))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_public_page_is_accessible_and_fits_a_phone(
    page, order, live_server, assert_accessible
):
    page.goto(reverse("verify_signature"))
    page.get_by_label("Код документа").fill(session_of(order).code.lower())
    page.get_by_role("button", name="Показати документ").click()
    expect(page.get_by_role("heading", name="Підпис дійсний")).to_be_visible()
    assert_accessible(page)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder := os.environ.get("AIKOM_PICTURES"):
            page.screenshot(path=Path(folder) / f"document-{width}.png", full_page=True)


# ── a row alone ──────────────────────────────────────────────────────────────
def test_a_downloaded_row_proves_itself_offline(head, order, tmp_path: Path):
    manual = (Path(__file__).parents[3] / "docs/how-to/verify-a-row.md").read_text()
    script = tmp_path / "check.py"
    script.write_text(re.search(r"```python\n(.*?)```", manual, re.S)[1])
    got = head.get(reverse("order_row_proof", args=[order.pk, 2])).content.decode()
    (tmp_path / "row.json").write_text(got)

    def run(name: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-I", str(script), str(tmp_path / name)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )

    good = run("row.json")
    assert good.returncode == 0, good.stderr
    assert "belongs" in good.stdout
    # What to verify the signature of is laid beside, byte for byte.
    assert (tmp_path / "manifest").read_bytes() == bytes(session_of(order).content)
    signature = (tmp_path / "manifest.p7s").read_bytes()
    files = [("m", (tmp_path / "manifest").read_bytes()), ("m.p7s", signature)]
    assert api.verify_upload(files, at=session_of(order).signed_at).valid

    said = json.loads(got)
    (tmp_path / "other.json").write_text(
        json.dumps(said | {"row": said["row"].replace('"no":2', '"no":3')})
    )
    assert run("other.json").returncode == 1


# ── on paper ─────────────────────────────────────────────────────────────────
def pages_of(pdf: bytes) -> list[str]:
    """The words of each page of a PDF, as a reader copies them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def assert_holds_together(pages: list[str], children: int) -> None:
    """The head in one piece, nobody lost, and the signature never alone on its page."""
    assert "НАКАЗУЮ" in pages[0]
    assert sum(page.count("Левицька") for page in pages) == children
    assert [number for number, page in enumerate(pages) if "підписано КЕП" in page] == [
        len(pages) - 1
    ]
    assert "Підстава" in pages[-1]
    assert pages[-1].count("Левицька") >= min(children, 2)


LENGTHS = [1, 2, *range(17, 34), 60, 1000]


def test_the_signature_in_the_pdf_takes_two_rows_along_whatever_their_number(order, olena):
    shown = reads.view(olena, order.pk)
    row = msgspec.structs.replace(shown.rows[0], surname="Левицька")
    for children in LENGTHS:
        rows = [msgspec.structs.replace(row, no=no) for no in range(1, children + 1)]
        long = dataclasses.replace(shown, rows=rows)
        assert_holds_together(pages_of(order_pdf(long, "https://x/verify/1/")), children)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_signed_order_prints_as_the_document_alone(world, page, order, live_server):
    client = Client()
    sign_in(client, world.grants["olena"])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
    )
    page.goto(reverse("order_detail", args=[order.pk]))
    for children in (1, 24, 30, 33, 60, 66, 1000):
        page.evaluate(
            """count => {
              const body = document.querySelector('.ak-sheet tbody');
              const row = body.rows[0].cloneNode(true);
              row.cells[1].textContent = 'Левицька Домініка Степанівна';
              body.replaceChildren(...Array.from({length: count}, () => row.cloneNode(true)));
            }""",
            children,
        )
        made = page.pdf(prefer_css_page_size=True)
        if folder := os.environ.get("AIKOM_PICTURES"):
            (Path(folder) / f"order-{children}.pdf").write_bytes(made)
        pages = pages_of(made)
        assert_holds_together(pages, children)
        for screen_only in ("Завантажити", "Доступні послуги", "Для фахівців", "Далі"):
            assert screen_only not in "".join(pages)
