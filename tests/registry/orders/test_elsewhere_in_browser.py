"""A head whose key works in another program: take the file away, sign it with OpenSSL, bring it back."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from kernel import clock
from kernel.clock import moment
from registry.models import Order
from registry.orders import services as orders
from signatures.demo.authority import stored
from tests.kit.waiting import LONG
from tests.registry.drafts.test_drafts import begin, numbered
from tests.signatures_browser.material import Material
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OPENSSL = shutil.which("openssl")


@pytest.fixture
def olena(page: Page, client, world: World, live_server) -> World:
    sign_in(client, world.grants["olena"])
    value = client.cookies["aikom_session"].value
    page.context.add_cookies([{"name": "aikom_session", "value": value, "url": live_server.url}])
    return world


def waiting_order(world: World, number: int) -> Order:
    actor, now = world.actor("olena"), moment()
    draft = begin(actor, world, [numbered(number)])
    fields = {
        "number": f"{number}-у",
        "issued_on": f"{clock.today():%d.%m.%Y}",
        "effective_on": f"{clock.today():%d.%m.%Y}",
        "ground": "заяви батьків",
        "identity_shown": "on",
    }
    return orders.prepare(actor=actor, draft_id=draft.pk, fields=fields, moment=now)


@pytest.fixture
def sign_outside(world: World, tmp_path: Path):
    """OpenSSL with the head's ECDSA key: a program that knows nothing of this one."""
    head = world.grants["olena"]
    person = {
        "full_name": head.user.full_name,
        "surname": head.user.surname,
        "given_name": f"{head.user.given_name} {head.user.patronymic}",
        "rnokpp": head.user.person_code,
        "edrpou": head.unit.edrpou,
        "organisation": head.unit.name,
        "title": "Директор",
    }
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = Material(timezone.now(), stored(), person).classic(key)
    key_file, certificate_file = tmp_path / "key.pem", tmp_path / "cert.pem"
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    loaded = x509.load_der_x509_certificate(certificate.der)
    certificate_file.write_bytes(loaded.public_bytes(serialization.Encoding.PEM))

    def sign(file: Path, *options: str) -> Path:
        made = file.with_name(file.name + ".p7s")
        assert OPENSSL
        subprocess.run(
            [OPENSSL, "cms", "-sign", "-cades", "-binary", "-md", "sha256", "-outform", "DER",
             "-signer", certificate_file, "-inkey", key_file, "-in", file, "-out", made, *options],
            check=True, capture_output=True, timeout=LONG,
        )  # fmt: skip
        return made

    return sign


def shot(page: Page, name: str) -> None:
    """Keep a picture when somebody asks for pictures."""
    if folder := os.environ.get("AIKOM_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def take_away(page: Page, link: str, folder: Path) -> Path:
    with page.expect_download() as waited:
        page.get_by_role("link", name=link).click()
    file = folder / waited.value.suggested_filename
    waited.value.save_as(file)
    return file


@pytest.mark.skipif(OPENSSL is None, reason="no OpenSSL here")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_file_taken_away_signed_by_openssl_and_brought_back_makes_the_order_effective(
    page: Page, olena: World, sign_outside, tmp_path: Path, assert_accessible, width: int
):
    order = waiting_order(olena, 1)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(reverse("order_detail", args=[order.pk]))
    expect(page.get_by_role("article")).to_contain_text("Учень")  # the paper shows its rows
    page.get_by_text("Підписано в іншій програмі").click()
    expect(page.get_by_label("Пароль до ключа")).to_be_hidden()  # one way is open at a time
    assert_accessible(page)
    shot(page, f"elsewhere-{width}")

    file = take_away(page, "підписані дані.xml", tmp_path)
    wrong = tmp_path / "wrong.p7s"
    wrong.write_bytes(file.read_bytes())
    page.get_by_label("Підписаний файл").set_input_files(wrong)
    page.get_by_role("button", name="Надіслати підпис").click()
    expect(page.get_by_role("alert")).to_contain_text("ще не підписаний")
    assert_accessible(page)
    shot(page, f"elsewhere-refused-{width}")

    page.get_by_label("Підписаний файл").set_input_files(sign_outside(file))
    page.get_by_role("button", name="Надіслати підпис").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("підписано")
    order.refresh_from_db()
    assert order.state == "EFFECTIVE"


@pytest.mark.skipif(OPENSSL is None, reason="no OpenSSL here")
def test_several_orders_are_signed_outside_and_brought_back_at_once(
    page: Page, olena: World, sign_outside, tmp_path: Path, assert_accessible
):
    both = [waiting_order(olena, number) for number in (1, 2)]
    page.goto(reverse("order_list"))
    page.get_by_role("link", name="Підписані в іншій програмі").click()
    made = [
        sign_outside(take_away(page, f"файл для підпису наказу № {order.number}", tmp_path), *how)
        for order, how in zip(both, ([], ["-nodetach"]), strict=True)
    ]
    foreign = tmp_path / "договір.txt"
    foreign.write_text("інше")
    assert_accessible(page)
    page.get_by_label("Підписані файли").set_input_files([*made, sign_outside(foreign)])
    expect(page.locator("[data-ak-drop-name]")).to_contain_text("договір.txt.p7s")
    shot(page, "elsewhere-many")
    page.get_by_role("button", name="Надіслати підпис").click()
    expect(page.get_by_role("heading", name="Підписано 2 із 3")).to_be_focused()
    expect(page.get_by_text("Підписано інший документ")).to_be_visible()
    assert_accessible(page)
    shot(page, "elsewhere-outcomes")
    assert set(Order.objects.values_list("state", flat=True)) == {"EFFECTIVE"}
