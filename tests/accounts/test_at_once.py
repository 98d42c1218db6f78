"""Two hands at one moment: one e-mail of a notice, one open invitation, for each lock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Invitation
from accounts.notices import services as notices
from accounts.notices.models import Notice
from accounts.services import grants, invitations
from accounts.services.people import Person
from tests.accounts.test_notices import SYSTEM, order_by, prepared
from tests.kit.racing import Held, beside
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_send_one_notice_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(order_by(world, "dana"))
    notice, sent = Notice.objects.get(), {}
    hands = [
        lambda n=n: sent.update(
            {n: notices.send(actor=SYSTEM, notice_id=notice.pk, now=timezone.now())}
        )
        for n in (1, 2)
    ]
    held = Held(notices.title_of)
    monkeypatch.setattr(notices, "title_of", held)
    assert beside(*hands, held) == ["done", "done"]
    assert (sent, len(mail.outbox)) == ({1: True, 2: False}, 1)


def test_an_invitation_sent_again_twice_at_once_leaves_one_open(
    world: World, somebody: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    hanna = world.actor("hanna")
    grant = grants.create_head(
        actor=hanna, institution=world.units["branch"].uid, person=somebody()
    )
    again = [lambda: invitations.resend(actor=hanna, grant=grant.uid)] * 2
    held = Held(invitations.close_open)
    monkeypatch.setattr(invitations, "close_open", held)
    assert beside(*again, held) == ["done", "done"]
    assert Invitation.objects.filter(grant=grant, withdrawn_at=None).count() == 1
