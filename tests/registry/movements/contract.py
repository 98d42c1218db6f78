"""What every movement promises; a kind's test class inherits it and says three things.

    class TestWithdraw(contract.Movement):
        process = "withdraw"

        def draft(self, world, actor): …   # a draft with at least two READY rows, made anew each time
        def facts(self, world): …          # what the register says that this kind changes, comparable

`fields` are terms beyond the usual; `annuls = False` for a kind that cannot be annulled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from kernel.audit.models import Act
from kernel.db import command
from kernel.errors import DomainError
from registry.drafts import services as drafts
from registry.drafts.models import Draft
from registry.orders import services as orders
from registry.orders.errors import NotAnnullable
from registry.orders.grounds import by_order
from registry.orders.models import Order
from registry.orders.services import signing
from registry.process import kind
from signatures.models import SigningSession
from tests.registry.kit import MOMENT, signature_of

TERMS = {
    "number": "112-у",
    "issued_on": "20.11.2026",
    "effective_on": "23.11.2026",
    "ground": "заяви батьків",
}


def drafted(world: Any, actor: Any, process: str, pupils: Any, day: str, **values: str) -> Draft:
    """A draft of children chosen for a day, every row with these values."""
    draft = drafts.start(
        actor=actor,
        institution_id=world.units["school1"].id,
        process=process,
        rows=[],
        moment=MOMENT,
    )
    drafts.save_terms(
        actor=actor,
        draft_id=draft.pk,
        seen=drafts.Sight(99),
        fields={"effective_on": day},
        moment=MOMENT,
    )
    chosen = drafts.choose(
        actor=actor, draft_id=draft.pk, keys=[str(one) for one in pupils], moment=MOMENT
    )
    for row in chosen.rows if values else ():
        drafts.save_row(
            actor=actor,
            draft_id=draft.pk,
            row_id=row.id,
            version=row.version,
            values=values,
            moment=MOMENT,
        )
    return draft


class Movement:
    """The promises. Persona Olena heads school 1."""

    process: ClassVar[str]
    fields: ClassVar[Mapping[str, str]] = {}
    annuls: ClassVar[bool] = True
    in_part: ClassVar[bool] = True  # rows may be left out
    events_of_a_row: ClassVar[int] = 1
    subject: ClassVar[str] = "registry.pupil"  # of the event that each row brings

    def draft(self, world: Any, actor: Any) -> Draft:
        """A draft of the kind with ready rows, always of the same children."""
        raise NotImplementedError

    def facts(self, world: Any) -> Any:
        """What the register says of what this kind changes."""
        raise NotImplementedError

    def prepared(self, world: Any, actor: Any, number: str = "112-у") -> Order:
        """An order that waits for the signature."""
        return orders.prepare(
            actor=actor,
            draft_id=self.draft(world, actor).pk,
            fields=TERMS | {"number": number} | self.fields,
            moment=MOMENT,
        )

    def signed(self, actor: Any, order: Order) -> Order:
        """The order in effect."""
        return orders.sign(
            actor=actor, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT
        )

    @pytest.fixture
    def olena(self, world: Any) -> Any:
        return world.actor("olena")

    def test_the_signed_bytes_are_frozen_and_name_their_schema(self, world, olena):
        order = self.prepared(world, olena)
        contents = [bytes(row.content) for row in order.rows.order_by("position")]
        process = kind(self.process)
        for content in contents:
            assert json.loads(content)["schema"].startswith(f"registry.{self.process}/")
            assert process.decode(content).no
        self.signed(olena, order)
        assert [bytes(row.content) for row in order.rows.order_by("position")] == contents

    def test_nothing_happens_before_the_signature(self, world, olena):
        before = self.facts(world)
        order = self.prepared(world, olena)
        assert self.facts(world) == before
        orders.give_up(actor=olena, order_id=order.pk)
        assert self.facts(world) == before

    def test_a_double_click_takes_effect_once(self, world, olena):
        order = self.prepared(world, olena)
        cms = signature_of(order, "olena")
        for _ in range(2):
            done = orders.sign(actor=olena, order_id=order.pk, cms=cms, moment=MOMENT)
            assert done.state == "EFFECTIVE"
        once = self.facts(world)
        orders.sign(actor=olena, order_id=order.pk, cms=cms, moment=MOMENT)
        assert self.facts(world) == once

    def test_of_two_rival_orders_the_second_is_refused_whole(self, world, olena):
        first, second = self.prepared(world, olena, "1"), self.prepared(world, olena, "2")
        self.signed(olena, first)
        after = self.facts(world)
        with pytest.raises(DomainError):
            self.signed(olena, second)
        second.refresh_from_db()
        assert (second.state, self.facts(world)) == ("PREPARED", after)

    def test_killed_between_its_phases_an_order_is_whole_or_not_there(
        self, world, olena, monkeypatch
    ):
        before = self.facts(world)
        order = self.prepared(world, olena)

        def dies(*_args: Any, **_kwargs: Any) -> None:
            raise KeyboardInterrupt

        for step in ("take_effect", "close_draft"):
            with monkeypatch.context() as patched:
                patched.setattr(signing, step, dies)
                with pytest.raises(KeyboardInterrupt):
                    self.signed(olena, order)
            assert self.facts(world) == before
            assert SigningSession.objects.get(pk=order.signing_id).state == "PREPARED"
        assert self.signed(olena, order).state == "EFFECTIVE"

    def test_one_order_counts_its_rows_and_tells_one_event_for_each(self, world, olena):
        order = self.signed(olena, self.prepared(world, olena))
        rows = [kind(self.process).decode(bytes(row.content)) for row in order.rows.all()]
        assert order.rows_count == len(rows) > 1
        told = self.events_of_a_row * len(rows)
        assert len(list(kind(self.process).events(order, rows))) == told
        assert order.rows.filter(pupil=None).exists() == (self.subject != "registry.pupil")
        # The act that wrote it names the order as its ground, and tells of each child.
        act = Act.objects.get(ground=by_order(order_id=order.pk))
        assert act.command.endswith("take_effect")
        assert act.events.filter(subject_type=self.subject).count() == told

    def test_a_row_left_out_stays_in_the_table_and_the_rest_is_signed(self, world, olena):
        if not self.in_part:
            return
        draft = self.draft(world, olena)
        rows = list(draft.rows.filter(state="READY").order_by("position"))
        common = {"actor": olena, "draft_id": draft.pk, "moment": MOMENT}
        drafts.include(**common, row_ids=[rows[0].pk], included=False)
        order = self.signed(olena, orders.prepare(**common, fields=TERMS | self.fields))
        draft.refresh_from_db()
        assert order.rows_count == len(rows) - 1
        assert (draft.state, [row.pk for row in draft.rows.all()]) == ("OPEN", [rows[0].pk])
        drafts.include(**common, row_ids=[rows[0].pk], included=True)
        assert draft.rows.get().state != "EXCLUDED"

    def test_annulled_it_leaves_the_register_as_it_was(self, world, olena):
        before = self.facts(world)
        order = self.signed(olena, self.prepared(world, olena, "1"))
        assert self.facts(world) != before

        @command
        def annulled(*, actor: Any) -> None:
            counter = Order.objects.create(
                institution=order.institution,
                kind=order.kind,
                number="2",
                issued_on=order.issued_on,
                year=order.year,
                ground="помилка",
                effective_on=order.effective_on,
                prepared_by=order.prepared_by,
            )
            orders.annul(order.pk, by=counter)

        if not self.annuls:
            with pytest.raises(NotAnnullable):
                annulled(actor=olena)
            return
        annulled(actor=olena)
        order.refresh_from_db()
        assert (order.state, self.facts(world)) == ("ANNULLED", before)
