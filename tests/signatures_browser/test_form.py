"""The signing form as markup, and the build behind it."""

import base64
import hashlib
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from lxml import html

from aikom.settings import base
from kernel import frontend
from signatures.browser import assets, build
from tests.ui.drawing import draw

FORM = (
    '{% call c.signing_form(action="/x/", to_sign=to_sign, button="Підписати дані", id="order", '
    'hx_post="/x/") %}<input type="hidden" name="number" value="7">{% endcall %}'
)
TO_SIGN = {"content": "0KLQtdC60YHRgg==", "ticket": "t"}


def test_the_form_posts_a_signature_and_what_the_page_put_in():
    [form] = html.fromstring(draw(f"<div>{FORM}</div>", to_sign=TO_SIGN)).findall(".//form")
    assert (form.get("action"), form.get("method"), form.get("hx-post")) == ("/x/", "post", "/x/")
    names = [field.get("name") for field in form.iter("input") if field.get("name")]
    assert names == ["csrfmiddlewaretoken", "number", "signature"]
    ids = [element.get("id") for element in form.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for attribute in ("for", "aria-describedby", "aria-controls"):
        for element in form.iter():
            for name in element.get(attribute, "").split():
                assert name in ids, (attribute, name)


def test_without_scripts_nothing_can_be_pressed_and_the_reason_is_said():
    form = html.fromstring(draw(f"<div>{FORM}</div>", to_sign=TO_SIGN))
    assert "увімкніть у браузері JavaScript" in form.findtext(".//noscript//p")
    pressed = [button for button in form.iter("button") if button.get("disabled") is None]
    assert [button.text_content().strip() for button in pressed] == ["Показати"]


def test_the_page_carries_the_hash_of_each_program(bundle: Path):
    page = draw(f"<div>{FORM}</div>", to_sign=TO_SIGN)
    for name in ("sign.js",):
        digest = hashlib.sha384((bundle / name).read_bytes()).digest()
        assert f"sha384-{base64.b64encode(digest).decode()}" in page


@pytest.mark.parametrize(
    "name", ["signatures/built/signer.worker.js", "ui/mark.svg", "ui/aikom.css"]
)
def test_static_files_carry_a_policy_that_allows_nothing(client, name):
    """They are answered before any middleware; a worker takes its policy from its own answer."""
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; base-uri 'none';")


def test_a_worker_begins_under_a_policy_of_its_own_and_fetches_its_program_alone(client):
    answer = client.get("/signing/worker.js")
    assert answer["Content-Security-Policy"] == (
        "default-src 'none'; script-src blob:; "
        "connect-src testserver/static/signatures/built/signer.worker.js"
    )
    assert assets.integrity("signer.worker.js") in answer.content.decode()
    assert client.get("/signing/worker.js", headers={"Service-Worker": "script"}).status_code == 404


def test_only_a_page_that_signs_starts_workers(client, db):
    assert "worker-src 'none'" in client.get("/verify/")["Content-Security-Policy"]
    policy = client.get("/login/")["Content-Security-Policy"]
    assert "worker-src testserver/signing/worker.js" in policy
    assert "frame-src testserver/signing/confirm/" in policy


def test_a_missing_bundle_is_told_with_the_command_that_makes_it(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "BUILT", tmp_path)
    with pytest.raises(ImproperlyConfigured, match=r"python -m signatures\.browser\.build"):
        draw("{{ signing_script() }}")


# ── the build ────────────────────────────────────────────────────────────────
@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without packages: what is tested is the runner."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "sample", "version": "1.0.0"}')
    (folder / "package-lock.json").write_text(
        '{"name": "sample", "version": "1.0.0", "lockfileVersion": 3, "requires": true,'
        ' "packages": {"": {"name": "sample", "version": "1.0.0"}}}'
    )
    (folder / "build.mjs").write_text(
        'import { copyFileSync } from "node:fs";'
        'copyFileSync("source.txt", `${process.argv[2]}/made.txt`);'
    )
    (folder / "source.txt").write_text("перше")
    return folder


def test_a_build_is_made_once_and_again_when_a_source_changes(project: Path, tmp_path: Path):
    out = tmp_path / "static" / "built"
    assert frontend.build(project, out) is True
    assert (out / "made.txt").read_text() == "перше"
    assert frontend.build(project, out) is False
    (project / "source.txt").write_text("друге")
    assert frontend.build(project, out) is True
    assert (out / "made.txt").read_text() == "друге"


def test_a_failed_build_keeps_the_earlier_output_and_says_why(project: Path, tmp_path: Path):
    out = tmp_path / "built"
    frontend.build(project, out)
    (project / "build.mjs").write_text('throw new Error("немає шрифту")')
    with pytest.raises(frontend.BuildFailed, match="немає шрифту"):
        frontend.build(project, out)
    assert (out / "made.txt").read_text() == "перше"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_build_of_something_outside_watches_that_too(project: Path, tmp_path: Path):
    out, outside = tmp_path / "built", tmp_path / "fonts"
    outside.mkdir()
    (outside / "a.txt").write_text("1")
    frontend.build(project, out, also=[outside])
    assert frontend.build(project, out, also=[outside]) is False
    (outside / "a.txt").write_text("2")
    assert frontend.build(project, out, also=[outside]) is True


def test_an_up_to_date_bundle_costs_nothing(bundle: Path):
    before = (bundle / "manifest.json").stat().st_mtime_ns

    assert build.build() is False
    assert (bundle / "manifest.json").stat().st_mtime_ns == before


def test_published_files_keep_the_hash_the_page_names(bundle: Path, tmp_path: Path, settings):
    """Publishing renames files and may rewrite imports; a rewritten program would not run."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": base.STORAGES["staticfiles"]}
    call_command("collectstatic", interactive=False, verbosity=0)
    for name in ("sign.js", "signer.worker.js"):
        published = tmp_path / staticfiles_storage.stored_name(f"signatures/built/{name}")
        assert published.name != name
        assert published.read_bytes() == (bundle / name).read_bytes()
