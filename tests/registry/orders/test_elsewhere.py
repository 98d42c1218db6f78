"""Orders signed in another program: whatever it gives back is matched, checked and answered."""

from __future__ import annotations

import base64
import datetime
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.roles import GrantState
from kernel.db import command
from kernel.errors import NotAllowed, NotFound
from registry.models import Order
from registry.orders import services as orders
from registry.orders.selectors.orders import package_of
from signatures import asic, der, elsewhere, exports, inspection, oids
from signatures.cms import parse_signed_data
from signatures.demo.authority import demo_trust
from signatures.demo.signing import sign_cms, signed_data, signer_info
from signatures.errors import SignatureRefused, WrongSigner
from signatures.models import SigningSession
from signatures.result import Overall
from signatures.services import sessions
from tests.kit import acts
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import MOMENT, NOW, key_of
from tests.registry.orders.test_orders import nothing_written, prepared
from tests.signatures import xml_documents as xml
from tests.world import PEOPLE, sign_in

HOUR = datetime.timedelta(hours=1)
NAME = "Наказ 112-у від 20.11.2026, підписані дані.xml"


@pytest.fixture
def olena(world):
    return world.actor("olena")


@pytest.fixture
def order(world, olena):
    return prepared(olena, world, [numbered(n) for n in range(1, 4)])


def bytes_of(order) -> bytes:
    return bytes(SigningSession.objects.get(pk=order.signing_id).content)


def cms(content: bytes, who: str = "olena", **options) -> bytes:
    return sign_cms(content, *key_of(who), signing_time=NOW, **options)


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def xades(content: bytes, form=xml.detached, who: str = "olena", **options) -> bytes:
    """XAdES as programs make it: of a file beside, or with the file inside."""
    signed = {options.pop("uri", NAME): content} if form is xml.detached else content
    return form(key_of(who), signed, at=NOW, **options)


def in_xml(content: bytes, *, name: str = NAME, **more: bytes) -> bytes:
    """An ASiC-E with XAdES."""
    listed = xml.in_container(xades(content, uri=name))
    return asic.build_in_xml({name: content, **more}, listed)


def canonical(content: bytes, method: str = xml.C14N) -> bytes:
    """A detached signature of the canonical form of our file, which programs prefer for XML."""
    octets = xml.c14n(xml.etree.fromstring(content).getroottree(), method)
    one = xml.Reference(NAME, octets, [method])
    return xml.etree.tostring(xml.signature(key_of("olena"), [one], at=NOW))


def asic_e(content: bytes, name: str = NAME, hash_oid: str = oids.SHA256, **more: bytes) -> bytes:
    """What a program makes that signs a list of its own."""
    files = {name: content, **more}
    listing = asic.build_manifest(files, hash_oid=hash_oid)
    return asic.build_asic_e(files, listing, cms(listing))


MADE = {
    "detached": cms,
    "attached": lambda content: cms(content, detached=False),
    "base64": lambda content: base64.encodebytes(cms(content)),
    "asic-s": lambda content: asic.build_asic_s(NAME, content, cms(content)),
    "asic-e": asic_e,
    "asic-e, GOST 34.311": lambda content: asic_e(content, hash_oid=oids.GOST34311),
    "asic-e of our list": lambda content: asic.build_asic_e({}, content, cms(content)),
    "zip": lambda content: zipped({NAME: content, NAME + ".p7s": cms(content)}),
    "XAdES beside": xades,
    "XAdES around": lambda content: xades(content, xml.enveloping),
    "XAdES of the canonical form": canonical,
    "XAdES of the exclusive form": lambda content: canonical(content, xml.EXC_C14N),
    "XAdES in asic-e": in_xml,
    "XAdES in asic-s": lambda content: zipped(
        {"mimetype": asic.MIME_S.encode(), NAME: content, "META-INF/signatures.xml": xades(content)}
    ),
    "XAdES around, in a zip": lambda content: zipped({"s.xml": xades(content, xml.enveloping)}),
    "XAdES in a zip": lambda content: zipped({NAME: content, "s.xml": xades(content)}),
    "zip of a signature": lambda content: zipped({NAME + ".p7s": cms(content, detached=False)}),
}


def take(actor, order, data: bytes):
    return orders.sign_file(actor=actor, order_id=order.pk, data=data, moment=MOMENT)


@pytest.mark.parametrize("kind", MADE)
def test_whatever_a_program_gives_back_makes_the_order_effective(olena, order, kind):
    assert take(olena, order, MADE[kind](bytes_of(order))).state == "EFFECTIVE"

    session = SigningSession.objects.get(pk=order.signing_id)
    assert session.signer_rnokpp == olena.person_code
    assert exports.recheck(session, NOW).overall is Overall.VALID
    whole = exports.container(session, package_of(order, session))
    checked = inspection.verify_file(whole.data, at=NOW, trust=demo_trust(NOW))
    assert (checked.overall, checked.uncovered) == (Overall.VALID, ())
    assert {"order.pdf", "document.json", "rows.jsonl"} <= set(checked.covered)


def test_the_document_inside_a_signature_is_not_kept_twice(olena, order):
    content = bytes_of(order)
    take(olena, order, cms(content, detached=False))
    kept = bytes(SigningSession.objects.get(pk=order.signing_id).signature)
    assert parse_signed_data(kept).content is None
    assert content not in kept


def test_a_paper_changed_inside_the_container_of_an_order_is_told(olena, order):
    """The program's list names ours, and ours names the paper: both are followed."""
    take(olena, order, asic_e(bytes_of(order)))
    session = SigningSession.objects.get(pk=order.signing_id)
    whole = exports.container(session, package_of(order, session)).data
    forged = asic.rewritten(whole, {"order.pdf": b"%PDF-1.7 other"})
    checked = inspection.verify_file(forged, at=NOW, trust=demo_trust(NOW))
    assert (checked.overall, checked.reason) == (Overall.INVALID, "HASH_FAILURE")


# ── refusals that help ───────────────────────────────────────────────────────
def refusal(actor, order, data: bytes, kind: type[Exception] = SignatureRefused) -> str:
    with pytest.raises(kind) as refused:
        take(actor, order, data)
    order.refresh_from_db()
    assert order.state == "PREPARED"
    return str(refused.value.detail)


def renamed(content: bytes) -> bytes:
    """A container whose XAdES names another file than the one beside it."""
    return asic.build_in_xml({"b.xml": content}, xades(content))


def bare(content: bytes) -> bytes:
    """CMS without signed attributes: of the document itself."""
    key, certificate = key_of("olena")
    _, name, digest, _, algorithm, _ = der.parse(signer_info(content, key, certificate)).parts(6)
    parts = (
        der.integer(1),
        name.raw,
        digest.raw,
        algorithm.raw,
        der.octet_string(key.sign(content)),
    )
    return signed_data(None, [der.sequence(*parts)], [certificate])


SAID = [
    (lambda c: b"", "Файл порожній"),
    (lambda c: c, "ще не підписаний"),
    (lambda c: b"%PDF-1.7 ...", "не паперову копію"),
    (lambda c: b"<?xml version='1.0'?><Signature/>", "оберіть CAdES"),
    (lambda c: xades(b"other"), "Підписано інший документ"),
    (lambda c: xades(b"other", xml.enveloping), "Підписано інший документ"),
    (lambda c: xades(c.replace(b"\n", b"\r\n")), "Програма змінила файл"),
    (lambda c: xml.enveloped(key_of("olena"), c, at=NOW), "усередині"),
    (lambda c: xml.in_container(xades(c), xades(c, name="b")), "кілька підписів"),
    (lambda c: in_xml(c, **{"also.txt": b"more"}), "кілька файлів"),
    (lambda c: xades(c, uri="https://example.org/a.xml"), "називає документ так"),
    (lambda c: xades(c, uri="../" + NAME), "називає документ так"),
    (lambda c: xades(c, uri="document.json"), "називає документ так"),
    (lambda c: asic.rewritten(in_xml(c), {NAME: c + b" "}), "іншого файла"),
    (renamed, "називає документ так"),
    (lambda c: in_xml(c) + in_xml(c), "кілька підписів"),
    (lambda c: zipped({NAME: c, "a.xml": xades(c), "b.xml": xades(c)}), "кілька підписів"),
    (lambda c: b'{"document":{},"format":"aikom-package-1"}', "ще не підписаний"),
    (lambda c: cms(c, more_signers=[signer_info(c, *key_of("petro"))]), "кілька підписів"),
    (lambda c: signed_data(None, [], [key_of("olena")[1]]), "лише сертифікати"),
    (bare, "не називає документа"),
    (lambda c: zipped({NAME: c, NAME + ".p7s": cms(c)}) + b"more", "немає підпису"),
    (lambda c: b"PK\3\4 broken", "немає електронного підпису"),
    (lambda c: b"\0" * 300_000, "більший за 256 КБ"),
    (lambda c: cms(b"other"), "Підписано інший документ"),
    (lambda c: cms(b"other", detached=False), "Підписано інший документ"),
    (lambda c: asic_e(b"other"), "Підписано інший документ"),
    (lambda c: asic_e(c, **{"also.txt": b"more"}), "Підписано інший документ"),
    (lambda c: cms(c.replace(b"\n", b"\r\n")), "Програма змінила файл"),
    (lambda c: cms(b"\xef\xbb\xbf" + c, detached=False), "Програма змінила файл"),
    (lambda c: asic_e(c + b"\n"), "Програма змінила файл"),
    (lambda c: zipped({NAME: c}), "немає підпису"),
    (lambda c: zipped({"META-INF/signatures.xml": b"<a/>", NAME: c}), "немає підпису"),
    (lambda c: zipped({"a.p7s": cms(c), "b.p7s": cms(c)}), "кілька підписів"),
    (lambda c: zipped({NAME: b"other", NAME + ".p7s": cms(c)}), "іншого файла"),
]


def test_a_file_that_cannot_be_taken_says_what_it_is_and_what_to_do(olena, order):
    content = bytes_of(order)
    answers = [(said, refusal(olena, order, made(content))) for made, said in SAID]
    assert [one for one in answers if one[0] not in one[1]] == []


def test_a_key_of_another_person_is_told_by_name(olena, order):
    said = refusal(olena, order, cms(bytes_of(order), "petro"), WrongSigner)
    assert " ".join(PEOPLE["petro"][:3]).strip() in said


def test_a_revoked_key_is_told(olena, order, monkeypatch):
    content = bytes_of(order)
    revoked = sessions.api.VerificationResult(
        Overall.INVALID, sessions.Reason.REVOKED, (), kind="cms"
    )
    monkeypatch.setattr(sessions.elsewhere.api, "verify_signature", lambda *_, **__: revoked)
    assert "скасовано" in refusal(olena, order, asic_e(content))


def test_a_head_who_left_while_responders_were_asked_signs_nothing(
    world, olena, order, monkeypatch
):
    """Verified with nothing locked; who acts and what waits is read again under the lock."""
    verify = sessions.verify
    grant = world.grants["olena"]

    @command
    def retire(*, actor):
        acts.noted()
        type(grant).objects.filter(pk=grant.pk).update(state=GrantState.INACTIVE, ended_at=NOW)

    def slow(*args, **more):
        found = verify(*args, **more)
        retire(actor=olena)
        return found

    monkeypatch.setattr(sessions, "verify", slow)
    with pytest.raises(NotAllowed):
        take(olena, order, cms(bytes_of(order)))
    assert nothing_written(world)


def test_a_document_named_like_a_file_of_the_order_is_refused(olena, order):
    """In the container of the order it would stand in that file's place."""
    refusal(olena, order, asic_e(bytes_of(order), name="order.pdf"))


def test_the_signature_of_another_order_says_whose_it_is(world, olena, order):
    other = prepared(olena, world, [numbered(9)], number="113-у")
    assert "наказу № 113-у, а не цього" in refusal(olena, order, cms(bytes_of(other)))
    assert nothing_written(world)


CONTAINERS = {
    "other": lambda c: asic_e(b"other"),
    "more": lambda c: asic_e(c, **{"also.txt": b"more"}),
    "named": lambda c: asic_e(c, name="document.json"),
    "changed": lambda c: asic.rewritten(asic_e(c), {NAME: c + b" "}),
    "two lists": lambda c: asic.rewritten(asic_e(c), {"META-INF/ASiCManifest2.xml": b"<a/>"}),
    "broken digest": lambda c: asic_e(c, hash_oid=oids.SHA1),
    "two archives": lambda c: asic_e(c) + asic_e(b"other"),
    "behind another archive": lambda c: asic_e(b"other") + asic_e(c),
    "no list": lambda c: asic.build_asic_s(NAME, c, cms(c)),
    "another digest": lambda c: listed(c, {NAME: b"other"}),
    "another name": lambda c: listed(c, {"other.xml": c}),
    "a file that is not there": lambda c: listed(c, {NAME: c, "b.txt": b"b"}),
    "an unknown digest": lambda c: listed(c, {NAME: c}, method=b"xmlenc#sha999"),
    "another signature": lambda c: listed(c, {NAME: c}, signature="META-INF/other.p7s"),
}


def listed(content: bytes, named: dict[str, bytes], method: bytes = b"", **more: str) -> bytes:
    """Our file in a container whose signed list says something else."""
    listing = asic.build_manifest(named, **more).replace(
        b"xmlenc#sha256", method or b"xmlenc#sha256"
    )
    return asic.build_asic_e({NAME: content}, listing, cms(listing))


def taken(actor, order, made: dict, how) -> list[str]:
    """Which of these signed the order after all, posted so."""
    found = []
    for kind, make in made.items():
        try:
            how(actor, order, make(bytes_of(order)))
            found.append(kind)
        except (SignatureRefused, WrongSigner):
            order.refresh_from_db()
            assert order.state == "PREPARED"
    return found


def posted(actor, order, data: bytes):
    """Past the reading of files, as the signature itself."""
    return orders.sign(actor=actor, order_id=order.pk, cms=data, moment=MOMENT)


def test_a_container_posted_past_the_page_is_judged_by_the_same_rules(olena, order):
    """Whatever comes as the signature of an order, from the page's own form too."""
    assert taken(olena, order, CONTAINERS, posted) == []
    assert posted(olena, order, asic_e(bytes_of(order))).state == "EFFECTIVE"


# ── XAdES: what was digested is exactly the order, or nothing is ─────────────
def several(content: bytes) -> bytes:
    """Our bytes and others under one signature."""
    return xml.detached(key_of("olena"), {NAME: content, "b.txt": b"b"}, at=NOW)


def signed_as(reference: xml.Reference, **more) -> bytes:
    return xml.etree.tostring(xml.signature(key_of("olena"), [reference], at=NOW, **more))


def moved(content: bytes) -> bytes:
    """Wrapping: what was signed is moved aside, ours is put in its place."""
    made = xades(b"other", xml.enveloping)
    held = f"{base64.b64encode(b'other').decode()}</ds:Object>"
    ours = f'<ds:Object Id="ours">{base64.b64encode(content).decode()}</ds:Object>'
    assert held.encode() in made
    return made.replace(held.encode(), held.encode() + ours.encode())


def swapped(content: bytes) -> bytes:
    """Of another order's signature the reference inside SignedInfo is made to fit ours."""
    theirs, ours = (xml.Reference(NAME, one).xml() for one in (b"other", content))
    value = [one.partition("DigestValue>")[2].partition("<")[0] for one in (theirs, ours)]
    made = xades(b"other")
    assert value[0].encode() in made
    return made.replace(value[0].encode(), value[1].encode())


def held_as_xml(content: bytes) -> bytes:
    """Our file inside, and signed is the element around it."""
    held = f'<ds:Object Id="o">{base64.b64encode(content).decode()}</ds:Object>'
    bound = held.replace("<ds:Object", f'<ds:Object xmlns:ds="{xml.DS}"')
    octets = xml.c14n(xml.etree.fromstring(bound))
    return signed_as(xml.Reference("#o", octets, [xml.EXC_C14N]), objects=held)


def around(content: bytes) -> bytes:
    """The signed element is put into a document of somebody else."""
    return b"<order>" + xades(content, xml.enveloping) + b"</order>"


HOSTILE = {
    "another document": lambda c: xades(b"other"),
    "another document inside": lambda c: xades(b"other", xml.enveloping),
    "several references": several,
    "wrapped": moved,
    "inside another document": around,
    "a reference made to fit": swapped,
    "the whole document it stands in": lambda c: xml.enveloped(key_of("olena"), c, at=NOW),
    "only its own part": lambda c: signed_as(
        xml.Reference("#part", c, [xml.BASE64]),
        objects=f'<ds:Object><p Id="part">{base64.b64encode(c).decode()}</p></ds:Object>',
    ),
    "the canonical form of what holds it": held_as_xml,
    "something unsigned beside": lambda c: xades(
        c, xml.enveloping, objects=f"<ds:Object>{base64.b64encode(b'other').decode()}</ds:Object>"
    ),
    "a list of references inside": lambda c: signed_as(
        xml.Reference("#o", c, [xml.BASE64], kind=f"{xml.DS}Manifest"),
        objects=f'<ds:Object Id="o">{base64.b64encode(c).decode()}</ds:Object>',
    ),
    "an unknown transform": lambda c: signed_as(xml.Reference(NAME, c, ["urn:transform"])),
    "two transforms": lambda c: signed_as(xml.Reference(NAME, c, [xml.C14N, xml.C14N])),
    "base64 of a file": lambda c: signed_as(xml.Reference(NAME, c, [xml.BASE64])),
    "a list of references": lambda c: signed_as(xml.Reference(NAME, c, kind=f"{xml.DS}Manifest")),
    "a broken digest": lambda c: signed_as(xml.Reference(NAME, c, digest=f"{xml.DS}sha1")),
    "no address": lambda c: signed_as(xml.Reference(None, c)),
    "an address elsewhere": lambda c: xades(c, uri="http://example.org/order.xml"),
    "an address with a part": lambda c: xades(c, uri=f"{NAME}#part"),
    "an address of another host": lambda c: xades(c, uri=f"//example.org{NAME}"),
    "an address with a question": lambda c: xades(c, uri=f"{NAME}?a"),
    "a scheme": lambda c: xades(c, uri=f"urn:{NAME}"),
    "a file of the order": lambda c: xades(c, uri="order.pdf"),
    "two signatures": lambda c: xml.in_container(xades(c), xades(c, name="b")),
    "no XAdES at all": lambda c: xades(c, plain=True),
    "unsigned properties": lambda c: xades(c, sign_properties=False),
    "another time": lambda c: xml.detached(key_of("olena"), {NAME: c}, at=NOW + 5 * HOUR),
    "another person": lambda c: xades(c, who="petro"),
    "in its container": in_xml,
}


def test_each_form_is_refused_where_it_is_read():
    """By itself, whatever the judging behind it would say."""
    content = asic.build_manifest({"order.pdf": b"%PDF"})
    found = []
    for kind in HOSTILE.keys() - {"a reference made to fit", "another time", "another person"}:
        try:
            elsewhere.signature_in(content, HOSTILE[kind](content))
            found.append(kind)
        except ValueError:
            continue
    assert found == []


def test_no_freedom_of_xml_signs_an_order(world, olena, order):
    as_file = {kind: made for kind, made in HOSTILE.items() if kind != "in its container"}
    assert taken(olena, order, HOSTILE, posted) == []
    assert taken(olena, order, as_file, take) == []
    assert nothing_written(world)
    assert posted(olena, order, xades(bytes_of(order))).state == "EFFECTIVE"


@pytest.mark.parametrize("form", [xml.detached, xml.enveloping])
def test_xades_is_given_back_as_it_came(head, olena, order, form):
    made = xades(bytes_of(order), form)
    take(olena, order, made)
    answer = head.get(reverse("order_signature", args=[order.pk]))
    assert (answer["Content-Type"], b"".join(answer)) == ("application/xml", made)
    whole = head.get(reverse("order_container", args=[order.pk]))
    assert zipfile.is_zipfile(io.BytesIO(b"".join(whole)))


@pytest.mark.parametrize("form", [xml.detached, xml.enveloping])
def test_a_paper_changed_beside_the_list_that_xades_signs_is_told(olena, order, form):
    take(olena, order, xades(bytes_of(order), form))
    session = SigningSession.objects.get(pk=order.signing_id)
    whole = exports.container(session, package_of(order, session)).data
    forged = asic.rewritten(whole, {"order.pdf": b"%PDF-1.7 other"})
    checked = inspection.verify_file(forged, at=NOW, trust=demo_trust(NOW))
    assert (checked.overall, checked.reason) == (Overall.INVALID, "HASH_FAILURE")


# ── many at once ─────────────────────────────────────────────────────────────
def test_each_of_many_files_finds_its_order_and_is_answered_by_itself(world, olena, order):
    second = prepared(olena, world, [numbered(8)], number="113-у")
    third = prepared(olena, world, [numbered(9)], number="114-у")
    files = [
        ("c.asice", asic_e(bytes_of(third))),
        ("a.p7s", cms(bytes_of(order))),
        ("other.p7s", cms(b"other")),
        ("petro.p7s", cms(bytes_of(second), "petro")),
        ("again.p7s", cms(bytes_of(order))),
    ]
    outcomes = orders.sign_files(actor=olena, files=files, moment=MOMENT)

    assert [one.order and one.order.number for one in outcomes] == [
        "114-у", "112-у", None, "113-у", "112-у",
    ]  # fmt: skip
    assert [type(one.refusal).__name__ for one in outcomes] == [
        "NoneType", "NoneType", "SignatureRefused", "WrongSigner", "NoneType",
    ]  # fmt: skip
    states = dict(Order.objects.values_list("number", "state"))
    assert states == {"112-у": "EFFECTIVE", "113-у": "PREPARED", "114-у": "EFFECTIVE"}


def test_an_order_that_waits_for_somebody_else_is_nobodys_of_mine(world, olena, order):
    dana = world.actor("dana")
    (one,) = orders.sign_files(
        actor=dana, files=[("a.p7s", cms(bytes_of(order), "dana"))], moment=MOMENT
    )
    assert (one.order, type(one.refusal)) == (None, SignatureRefused)
    with pytest.raises(NotAllowed):
        take(dana, order, cms(bytes_of(order), "dana"))
    with pytest.raises(NotFound):
        take(world.actor("petro"), order, cms(bytes_of(order), "petro"))


def test_many_hostile_files_share_one_budget(olena, order, monkeypatch):
    """Fifty files may not each do the work of one."""
    budgets = []
    verify = sessions.elsewhere.api.verify_signature

    def counted(*args, **options):
        budgets.append(sessions.elsewhere.work._current.get())
        return verify(*args, **options)

    monkeypatch.setattr(sessions.elsewhere.api, "verify_signature", counted)
    files = [(f"{n}.p7s", cms(bytes_of(order), "petro")) for n in range(3)]
    orders.sign_files(actor=olena, files=files, moment=MOMENT)
    assert len(budgets) == 3
    assert all(one is budgets[0] for one in budgets)


# ── pages ────────────────────────────────────────────────────────────────────
@pytest.fixture
def head(world, client: Client) -> Client:
    sign_in(client, world.grants["olena"])
    return client


def upload(*files: tuple[str, bytes]) -> dict[str, list[SimpleUploadedFile]]:
    return {"files": [SimpleUploadedFile(name, data) for name, data in files]}


def test_the_page_takes_a_file_without_any_script(head, order, world):
    address = reverse("order_detail", args=[order.pk])
    page = head.get(address).content.decode()
    assert "Підписано в іншій програмі" in page
    assert reverse("order_manifest", args=[order.pk]) in page

    refused = head.post(reverse("order_sign_file", args=[order.pk]), upload(("a.p7s", b"?")))
    assert refused.status_code == 422
    assert "немає електронного підпису" in refused.content.decode()
    assert head.post(reverse("order_sign_file", args=[order.pk])).status_code == 422


def test_all_files_to_sign_come_in_one_archive(head, olena, order, world):
    prepared(olena, world, [numbered(9)], number="112-в")  # the same once its letter is dropped
    answer = head.get(reverse("orders_to_sign"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(set(archive.namelist())) == 2
        assert bytes_of(order) in {archive.read(name) for name in archive.namelist()}


def test_the_page_of_many_tells_each_file(head, order):
    page = head.get(reverse("orders_elsewhere")).content.decode()
    assert "№ 112-у" in page
    assert head.post(reverse("orders_elsewhere")).status_code == 422
    answer = head.post(reverse("orders_elsewhere"), upload(("чужий.p7s", cms(b"other"))))
    assert answer.status_code == 422
    assert "чужий.p7s" in answer.content.decode()


def test_a_signature_brought_in_a_container_is_given_back_as_one(head, olena, order):
    made = asic_e(bytes_of(order))
    take(olena, order, made)
    answer = head.get(reverse("order_signature", args=[order.pk]))
    assert answer["Content-Type"] == asic.MIME_E
    assert b"".join(answer) == made
