"""Certificates of study: one signature for many, each paper checked by anybody, and what was signed stays."""

from __future__ import annotations

import datetime
import json
import re

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from kernel.errors import DomainError
from registry.certificates import selectors, services
from registry.certificates.models import CertificateIssue, StudyCertificate
from registry.drafts import services as drafts
from registry.models import Pupil
from registry.people import services as pupils
from signatures.api import row_proof, verify_row
from tests.registry.certificates import kit
from tests.registry.kit import MOMENT, NOW, TODAY, signature_of
from tests.world import sign_in

pytestmark = pytest.mark.django_db


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(DomainError) as caught:
        call(*args, **kwargs)
    problems = getattr(caught.value, "problems", None) or []
    return ", ".join(one.code for one in problems) or caught.value.code


def renamed(world, child: str, surname: str) -> None:
    pupil = Pupil.objects.get(pk=world.pupils[child].pk)
    pupils.correct(
        actor=world.actor("olena"),
        pupil_id=pupil.pk,
        version=pupil.version,
        values={
            "surname": surname,
            "given_name": pupil.given_name,
            "patronymic": pupil.patronymic,
            "born_on": f"{pupil.born_on:%d.%m.%Y}",
            "sex": pupil.sex,
            "citizenship": pupil.citizenship,
            "rnokpp": pupil.rnokpp or "",
            "unzr": pupil.unzr or "",
        },
        ground="свідоцтво про зміну імені",
        today=TODAY,
    )


def public(code: str, **query: str) -> str:
    return Client().get(reverse("certificate_check", args=[code]), query).content.decode()


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def test_a_deputy_draws_up_and_the_head_issues_all_by_one_signature(world):
    issue = kit.signed(world, "ivan", "oksana", who="dana")
    one, two = issue.certificates.order_by("position")
    assert (issue.state, one.state, two.state) == ("SIGNED", "ISSUED", "ISSUED")
    assert [one.number, two.number, one.year] == [1, 2, TODAY.year]
    assert one.code != two.code
    # Each is proved alone against the one signature.
    shown = selectors.certificate(world.actor("olena"), two.pk)
    package = shown.issue.package
    assert verify_row(package.manifest, bytes(two.content), row_proof(package, 1), package.head)
    assert not verify_row(package.manifest, bytes(one.content), row_proof(package, 1), package.head)
    # The table is done, and the next number follows.
    assert not issue.draft.rows.exists()
    assert selectors.next_number(world.units["school1"].pk, TODAY.year) == 3


def test_what_was_signed_stays_whatever_the_register_says_later(client, world):
    one = kit.signed(world, "ivan").certificates.get()
    before = public(one.code)
    sign_in(client, world.grants["olena"])
    pdf = client.get(reverse("certificate_pdf", args=[one.pk])).content
    renamed(world, "ivan", "Перейменований")
    surname = world.pupils["ivan"].surname
    after = public(one.code)
    assert surname in after
    assert "Перейменований" not in after
    facts = re.compile(r"<dd>.*?</dd>", re.DOTALL)
    assert facts.findall(after) == facts.findall(before) != []
    assert client.get(reverse("certificate_pdf", args=[one.pk])).content == pdf
    said = text_of(pdf)
    assert surname in said
    assert f"№ {one.number}" in said
    assert one.code[:4] in said
    assert "№ 1 від" in client.get(reverse("pupil_detail", args=[one.pupil_id])).content.decode()
    with pytest.raises(Exception, match="content_stays"):
        StudyCertificate.objects.filter(pk=one.pk).update(full_name="Інша")


def test_a_child_that_changed_since_stops_the_signature_and_the_table_comes_back(world):
    olena = world.actor("olena")
    issue = kit.prepared(world, "ivan", "oksana")
    renamed(world, "ivan", "Перейменований")
    with pytest.raises(DomainError, match="змінено імʼя") as caught:
        services.sign(
            actor=olena, issue_id=issue.pk, cms=signature_of(issue, "olena"), moment=MOMENT
        )
    assert [row["no"] for row in caught.value.context["rows"]] == [2]
    assert {one.state for one in issue.certificates.all()} == {"PREPARED"}
    services.give_up(actor=world.actor("dana"), issue_id=issue.pk)
    issue.draft.refresh_from_db()
    assert (issue.draft.state, issue.draft.rows.count()) == ("OPEN", 2)
    # Its numbers are free again, and the paper says the new name.
    again = services.prepare(actor=olena, draft_id=issue.draft_id, moment=MOMENT)
    assert [one.number for one in again.certificates.order_by("position")] == [1, 2]
    assert again.certificates.get(position=2).full_name.startswith("Перейменований")
    assert refusal(
        services.sign, actor=olena, issue_id=issue.pk, cms=b"", moment=MOMENT
    ) == "certificate_decided"  # fmt: skip


def test_the_public_page_tells_what_its_own_paper_says_and_no_more(world):
    oksana, ivan = kit.signed(world, "ivan", "oksana").certificates.order_by("position")
    page = public(ivan.code)
    assert "Довідка чинна" in page
    assert world.pupils["ivan"].surname in page
    assert world.pupils["oksana"].surname not in page
    assert str(ivan.pk) not in page
    assert str(ivan.pupil_id) not in page
    # However the code is typed, «Перевірка підпису» leads there.
    typed = "-".join(ivan.code[i : i + 4] for i in range(0, 20, 4)).lower()
    where = reverse("certificate_check", args=[ivan.code])
    assert Client().get(reverse("verify_signature"), {"code": typed})["Location"] == where
    assert Client().get(reverse("verify_document", args=[ivan.code]))["Location"] == where
    waiting = kit.prepared(world, "ivan").certificates.get()
    for code in (waiting.code, "0" * 20, ivan.code[:-1], "Ї" * 30):
        assert Client().get(f"/study-certificates/check/{code}/").status_code == 404
    # Bytes that are not those signed are no certificate.
    assert selectors.check(oksana.code, NOW).result.valid


def test_a_void_certificate_says_so_with_its_reason_and_not_the_note(client, world):
    olena = world.actor("olena")
    one = kit.signed(world, "ivan").certificates.get()
    how = {"certificate_id": one.pk, "note": "батько просив", "moment": MOMENT}
    assert refusal(services.void, actor=world.actor("dana"), reason="MISTAKE", **how) == "only_the_head_signs"  # fmt: skip
    assert refusal(services.void, actor=olena, reason="ПРОСТО", **how) == "required"
    services.void(actor=olena, reason="REPLACED", **how)
    services.void(actor=olena, reason="MISTAKE", **how)  # pressed twice: the first word stands
    page = public(one.code)
    assert "Довідку анульовано" in page
    assert "замість неї видано іншу" in page
    assert "Довідка чинна" not in page
    assert "батько просив" not in page
    sign_in(client, world.grants["olena"])
    card = client.get(reverse("pupil_detail", args=[one.pupil_id])).content.decode()
    assert "Анульовано довідку про навчання" in card


def test_a_day_it_is_valid_until_ends_it(world):
    draft = kit.drafted(world, "ivan")
    row = draft.rows.get()
    until = TODAY + datetime.timedelta(days=1)
    cells = {"valid_until": f"{until:%d.%m.%Y}", "recipient": "УСЗН", "purpose": "субсидія"}
    drafts.save_row(
        actor=world.actor("olena"),
        draft_id=draft.pk,
        row_id=row.id,
        version=row.version,
        values=cells,
        moment=MOMENT,
    )
    issue = services.prepare(actor=world.actor("olena"), draft_id=draft.pk, moment=MOMENT)
    services.sign(
        actor=world.actor("olena"),
        issue_id=issue.pk,
        cms=signature_of(issue, "olena"),
        moment=MOMENT,
    )
    one = issue.certificates.get()
    said = json.loads(bytes(one.content))
    assert (said["recipient"], said["purpose"]) == ("УСЗН", "субсидія")
    day = datetime.timedelta(days=1)
    assert [selectors.check(one.code, NOW + day * n).is_over for n in (0, 1, 2)] == [False, False, True]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"valid_until": "21.11.2026"}, "past"),
        ({"valid_until": "31.02.2027"}, "no_such_date"),
        ({"recipient": "х" * 201}, "long"),
    ],
)
def test_a_wrong_cell_is_told_beside_it(world, cells, problem):
    draft = kit.drafted(world, "ivan")
    row = draft.rows.get()
    drafts.save_row(
        actor=world.actor("olena"),
        draft_id=draft.pk,
        row_id=row.id,
        version=row.version,
        values=cells,
        moment=MOMENT,
    )
    row.refresh_from_db()
    assert row.state == "FIX"
    assert [one["field"] for one in row.problems] == list(cells)
    assert refusal(
        services.prepare, actor=world.actor("olena"), draft_id=draft.pk, moment=MOMENT
    ) == "nothing_ready"  # fmt: skip


def test_numbers_follow_the_register_and_a_taken_one_is_told(world):
    olena = world.actor("olena")
    draft = kit.drafted(world, "ivan")
    how = {"actor": olena, "draft_id": draft.pk, "moment": MOMENT}
    assert refusal(services.prepare, first_number=0, **how) == "wrong"
    assert refusal(services.prepare, expected=2, **how) == "nothing_ready"
    services.prepare(first_number=57, **how)
    assert refusal(services.prepare, **how) == "draft_closed"
    other = kit.drafted(world, "oksana", "ivan")
    how["draft_id"] = other.pk
    assert refusal(services.prepare, first_number=56, **how) == "number_taken"
    assert services.prepare(**how).certificates.order_by("number")[0].number == 58


def test_only_the_head_with_the_key_of_the_school_signs_and_twice_is_once(world):
    issue = kit.prepared(world, "ivan", who="dana")
    cms = signature_of(issue, "olena")
    how = {"issue_id": issue.pk, "moment": MOMENT}
    assert refusal(services.sign, actor=world.actor("dana"), cms=cms, **how) == "only_the_head_signs"  # fmt: skip
    assert refusal(services.sign, actor=world.actor("petro"), cms=cms, **how) == "not_found"
    olena = world.actor("olena")
    assert refusal(services.sign, actor=olena, cms=b"x", **how) == "signature_refused"
    foreign = signature_of(issue, "olena", edrpou="99000130")
    assert refusal(services.sign, actor=olena, cms=foreign, **how) == "wrong_signer"
    services.sign(actor=olena, cms=cms, **how)
    assert services.sign(actor=olena, cms=cms, **how).state == "SIGNED"
    assert refusal(services.give_up, actor=olena, issue_id=issue.pk) == "certificate_decided"


def test_from_the_card_of_a_child_to_the_paper_over_pages(client, world):
    sign_in(client, world.grants["olena"])
    card = client.get(reverse("pupil_detail", args=[world.pupils["ivan"].pk])).content.decode()
    start = reverse("draft_start_chosen", args=["certificates"])
    assert f'action="{start}"' in card
    table = client.post(start, {"pick": str(world.pupils["ivan"].pk)})["Location"]
    take = client.post(table, {"do": "next"})["Location"]
    assert 'value="1"' in client.get(take).content.decode()
    wrong = client.post(take, {"first_number": "", "expected": "1"})
    assert wrong.status_code == 422
    assert 'id="id_first_number"' in wrong.content.decode()
    where = client.post(take, {"first_number": "7", "expected": "1"})["Location"]
    assert client.get(take)["Location"] == where
    issue = CertificateIssue.objects.get()
    home = client.get(reverse("home")).content.decode()
    assert "Довідки про навчання чекають на підпис" in home
    refused = client.post(f"{where}sign/", {"signature": "eA=="})
    assert refused.status_code in {409, 422}
    assert "ak-summary" in refused.content.decode()
    assert client.get(f"{where}paper.pdf").content.startswith(b"%PDF")
    assert client.post(f"{where}give-up/")["Location"] == table
    assert CertificateIssue.objects.get(pk=issue.pk).state == "GIVEN_UP"
    assert "Їх повернули до таблиці" in client.get(where).content.decode()


def test_a_certificate_is_found_however_its_child_is_typed(world):
    kit.signed(world, "oksana")
    olena, one = world.actor("olena"), StudyCertificate.objects.get()
    for typed in ("ґудзь", "Ґyдзь", "оксана", "jrcfyf", "0KCAHA", f"№ {one.number}"):
        assert selectors.keys(olena, text=typed) == [one.pk], typed
    assert selectors.keys(olena, text="хтозна") == []
