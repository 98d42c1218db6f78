"""A year of admission through its pages: from places to children who learn."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kernel.audit import outbox
from registry.admission import verify_draw
from registry.admission.models import Application, Draw, Intake
from registry.models import Draft, Enrolment, Order
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession
from tests.registry.admission import kit
from tests.registry.admission.kit import JUNE, MAY, cells
from tests.registry.kit import key_of
from tests.registry.movements.test_placing import opened
from tests.world import World, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def signature(session: SigningSession) -> str:
    key, certificate = key_of("olena", at=JUNE.now)
    signed = sign_cms(bytes(session.content), key, certificate, signing_time=JUNE.now)
    return base64.b64encode(signed).decode()


def test_from_places_to_an_order_in_effect(world: World, client: Client) -> None:
    opened(world, 1, "А")
    school = world.institutions["school1"]
    home = reverse("admission_school", args=[school.uid])
    with time_machine.travel(MAY.now, tick=False):
        sign_in(client, world.grants["olena"])
        assert client.get(reverse("admission"))["Location"] == home
        assert (
            client.post(home, {"do": "places", "classes": "99", "version": "0"}).status_code == 422
        )
        said = {"do": "places", "classes": "1", "in_class": "2", "version": "0"}
        assert client.post(home, said).status_code == 303
        assert client.post(home, said).status_code == 422  # somebody said so meanwhile
        assert Intake.objects.get().places == 2
        assert client.post(home, {"do": "announce", "takes": "7"}).status_code == 422
        draw_page = client.post(home, {"do": "announce", "takes": "курс євро НБУ на 02.06.2027"})
        (draw,) = Draw.objects.all()
        assert draw_page["Location"] == reverse("draw_detail", args=[draw.pk])

        # One by the form, with a mistake first; three from a table.
        new = reverse("application_new", args=[school.uid])
        assert client.post(new, {}).status_code == 422
        wrong = client.post(new, cells(1, sex=""))
        assert wrong["Location"].endswith("?checked=1")
        mended = client.post(wrong["Location"], cells(1) | {"version": "1", "do": "next"})
        take = mended["Location"]
        assert "1 заяву" in text(client.get(take))
        assert client.post(take, {"expected": "2"}).status_code == 409
        assert client.post(take, {"expected": "1"}).status_code == 303
        sheet = [cells(2, wish="1"), cells(3), cells(4)]
        heads = {
            "surname": "Прізвище", "given_name": "Імʼя", "patronymic": "По батькові",
            "born_on": "Дата народження", "sex": "Стать", "document": "Документ",
            "relation": "Хто подає", "applicant": "Заявник", "phone": "Телефон", "wish": "Бажання",
        }  # fmt: skip
        lines = ["\t".join(heads.values())]
        lines += ["\t".join(row.get(name, "") for name in heads) for row in sheet]
        started = client.post(
            reverse("draft_start", args=["apply"]), {"how": "paste", "cells": "\n".join(lines)}
        )
        (draft,) = Draft.objects.all()
        assert started["Location"] == reverse("draft_detail", args=["apply", draft.pk])
        grid = text(client.get(started["Location"]))
        assert "зареєструвати 3 заяви" in grid
        assert "увійдуть до зареєстрованих заяв" in grid
        onward = client.post(started["Location"], {"do": "next"})
        assert onward["Location"] == reverse("admission_take", args=["apply", draft.pk])
        assert client.get(reverse("order_prepare", args=["apply", draft.pk])).status_code == 404
        assert client.post(onward["Location"], {"expected": "3"}).status_code == 303

        # Checked: one with a ground by its page, the others chosen in the list.
        first = Application.objects.get(surname=cells(1)["surname"])
        page = reverse("application_detail", args=[first.pk])
        assert first.candidate.number in text(client.get(page))
        decide = reverse("application_decide", args=[first.pk])
        assert client.post(decide, {"do": "refuse", "reason": ""}).status_code == 422
        assert client.post(decide, {"do": "check", "version": "9"}).status_code == 412
        client.post(
            decide, {"do": "check", "version": "1", "grounds": "TERRITORY", "documents": "BIRTH"}
        )
        listed = reverse("application_list", args=[school.uid])
        others = Application.objects.filter(state="SUBMITTED").values_list("pk", flat=True)
        client.post(listed, {"do": "check", "pick": [str(one) for one in others]})
        assert set(Application.objects.values_list("state", flat=True)) == {"CHECKED"}
        change = reverse("application_change", args=[first.pk])
        assert client.post(change, {"surname": "", "version": "2"}).status_code == 422
        assert client.post(change, {"version": "1"}).status_code == 412

    with time_machine.travel(JUNE.now, tick=False):
        sign_in(client, world.grants["olena"])
        client.post(home, {"do": "by_right"})
        assert Application.objects.get(state="PLACED") == first
        steps = reverse("draw_detail", args=[draw.pk])
        assert client.post(steps, {"do": "hold", "public_value": "1"}).status_code == 422
        client.post(steps, {"do": "freeze"})
        assert client.post(steps, {"do": "hold", "public_value": ""}).status_code == 422
        client.post(steps, {"do": "hold", "public_value": "48,1234"})

        # Anybody sees numbers and no names, and comes to the same.
        anybody = Client()
        public = text(anybody.get(reverse("draw_public", args=[draw.pk])))
        names = Application.objects.values_list("surname", flat=True)
        assert not [name for name in names if name in public]
        numbers = [one.candidate.number for one in Application.objects.exclude(pk=first.pk)]
        assert all(number in public for number in numbers)
        files = {
            name: anybody.get(reverse("draw_file", args=[draw.pk, name])).content
            for name in ("protocol.json", "inputs.json", "result.json")
        }
        protocol = json.loads(files["protocol.json"])
        assert verify_draw.check(protocol, files["inputs.json"], files["result.json"]) == []

        draw.refresh_from_db()
        signed = client.post(reverse("draw_sign", args=[draw.pk]), {"signature": "AAAA"})
        assert signed.status_code == 422
        assert draw.signing is not None
        client.post(reverse("draw_sign", args=[draw.pk]), {"signature": signature(draw.signing)})
        draw.refresh_from_db()
        assert draw.state == "SIGNED"
        checked = anybody.get(reverse("verify_document", args=[draw.signing.code]))
        assert "Протокол жеребкування до 1 класу" in text(checked)

        # The order has everything in it; one signature, and applications say so.
        began = client.post(home, {"do": "order"})
        (draft,) = Draft.objects.filter(process="enrol")
        assert began["Location"] == reverse("draft_detail", args=["enrol", draft.pk])
        assert set(draft.rows.values_list("state", flat=True)) == {"READY"}
        client.post(
            reverse("order_prepare", args=["enrol", draft.pk]),
            draft.terms | {"number": "1-з", "issued_on": "03.06.2027", "identity_shown": "on"},
        )
        order = Order.objects.get()
        client.post(
            reverse("order_sign", args=[order.pk]),
            {"signature": signature(SigningSession.objects.get(pk=order.signing_id))},
        )
        assert Enrolment.objects.filter(opened_by=order).count() == 2
        outbox.drain()
        assert sorted(Application.objects.values_list("state", flat=True)) == [
            "ENROLLED", "ENROLLED", "RESERVE", "RESERVE",
        ]  # fmt: skip
        shown = text(client.get(home))
        assert "Підготувати наказ" not in shown


def test_an_authority_sees_numbers_and_no_child(world: World, client: Client) -> None:
    kit.places(world)
    kit.applied(world, [cells(1), cells(2)])
    with time_machine.travel(MAY.now, tick=False):
        sign_in(client, world.grants["bohdan"])
        shown = text(client.get(reverse("admission_schools")))
        assert "Чернівецький ліцей № 1" in shown
        assert cells(1)["surname"] not in shown
        one = Application.objects.first()
        assert one is not None
        assert client.get(reverse("application_detail", args=[one.pk])).status_code == 403


def test_a_school_learns_of_another_only_a_number_of_a_wish(world: World, client: Client) -> None:
    kit.places(world)
    kit.places(world, "petro", "school2")
    kit.applied(world, [cells(1, address="вул. Таємна, 5", phone="0501234567")])
    (there,) = kit.applied(world, [cells(1, wish="2")], "petro", "school2")
    with time_machine.travel(MAY.now, tick=False):
        sign_in(client, world.grants["petro"])
        page = text(client.get(reverse("application_detail", args=[there.pk])))
    assert "Номери тих бажань: 1" in page
    assert "Таємна" not in page
    assert "ліцей № 1" not in page
