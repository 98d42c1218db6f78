"""What never was so is voided and never deleted: who, when and why stand struck in the card, and nothing
else reads it."""

from __future__ import annotations

import re

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from kernel import clock
from kernel.errors import Invalid, StaleVersion
from registry.models import Guardian, Guardianship, PupilAddress
from registry.parents.selectors import children
from registry.people import services as pupils
from tests.registry.parents.kit import MOTHER, parent, represents
from tests.world import sign_in


@pytest.fixture
def ivan(world):
    return world.pupils["ivan"]


def card(world, client, pupil) -> str:
    sign_in(client, world.grants["olena"])
    return client.get(reverse("pupil_detail", args=[pupil.pk])).content.decode()


def test_an_address_that_never_was_is_struck_and_counts_nowhere(world, client, ivan):
    olena = world.actor("olena")
    values = {"country": "UA", "territory_code": "", "line": "вул. Хибна, 1"}
    row = pupils.save_address(
        actor=olena, pupil_id=ivan.pk, kind="ACTUAL", version=0, values=values
    )
    asked = {"actor": olena, "pupil_id": ivan.pk, "kind": "ACTUAL"}
    with pytest.raises(StaleVersion):
        pupils.void_address(**asked, version=row.version + 1, ground="помилка")
    with pytest.raises(Invalid):
        pupils.void_address(**asked, version=row.version, ground=" ")
    form = reverse("pupil_address_void", args=[ivan.pk, "actual"])
    assert form in card(world, client, ivan)
    asked_first = client.get(form).content.decode()
    assert re.search(r"ak-btn--bad[^>]*>\s*Вилучити\s*</button>", asked_first)
    assert "Зберегти" not in asked_first
    answer = client.post(form, {"version": row.version, "ground": "адреса іншої дитини"})
    assert answer.status_code == 303
    assert not ivan.addresses.exists()
    void = PupilAddress.ever.get(pupil=ivan)
    assert (void.voided_by, void.voided_why) == (world.grants["olena"], "адреса іншої дитини")
    shown = card(world, client, ivan)
    assert "<s>Проживає: вул. Хибна, 1</s>" in shown
    assert "адреса іншої дитини" in shown
    assert client.get(form).status_code == 404
    # Another one is written beside it.
    pupils.save_address(
        actor=olena, pupil_id=ivan.pk, kind="ACTUAL", version=0, values=values | {"line": "Інша"}
    )
    assert (ivan.addresses.get().line, PupilAddress.ever.filter(pupil=ivan).count()) == ("Інша", 2)


def test_whoever_never_represented_a_child_sees_it_no_more(world, client, ivan):
    tie = represents(world)
    mother = parent(MOTHER)
    assert children.mine(mother, clock.today())
    sign_in(client, world.grants["olena"])
    answer = client.post(
        reverse("pupil_guardian_void", args=[ivan.pk, tie.pk]),
        {"version": Guardianship.objects.get(pk=tie.pk).version, "ground": "мати іншого учня"},
    )
    assert answer.status_code == 303
    assert not children.mine(mother, clock.today())
    assert not ivan.guardianships.filter(pk=tie.pk).exists()
    shown = card(world, client, ivan)
    assert "<s>Мати: Іваненко Надія</s>" in shown
    assert "мати іншого учня" in shown
    # The person stays, and may be the child's representative after all.
    assert Guardian.objects.filter(pk=tie.guardian_id).exists()
    assert represents(world).guardian_id == tie.guardian_id


def test_nobody_deletes_what_was_told_of_a_child(world, ivan):
    tie = represents(world)
    with pytest.raises(ProgrammingError, match="delete"), transaction.atomic():
        Guardianship.ever.filter(pk=tie.pk)._raw_delete("default")
