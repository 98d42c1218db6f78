"""Versions of the contract, approved by the owner, and of the technical requirements (п.14, п.20, п.25)."""

from __future__ import annotations

import datetime

from django.db.models import Max

from accounts.actors import Actor
from integrations.eis import errors, policies
from integrations.eis.events import ContractApproved, ContractDrafted, RequirementsPublished
from integrations.eis.models import ContractText, Requirements
from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import command, violation
from kernel.errors import Invalid, NotFound, Problem, StaleVersion
from kernel.scoping import grant_of
from kernel.tables.cells import storable
from kernel.text import clean, clean_lines

LONGEST = 60_000
AHEAD = 1  # months between the publication of requirements and the day they are asked for (п.25)


def in_force(day: datetime.date) -> ContractText:
    """The contract that operators join on a day: the latest approved one whose day has come.

    Raises:
        NoContractText: none.
    """
    rows = ContractText.objects.filter(approved_at__isnull=False, effective_on__lte=day)
    found = rows.order_by("-number").first()
    if found is None:
        raise errors.NoContractText(
            "Технічний адміністратор ще не подав тексту або володілець його не затвердив."
        )
    return found


def requirements_in_force(day: datetime.date) -> int:
    """The number of the requirements asked for on a day; 0 when none are entered."""
    rows = Requirements.objects.filter(effective_on__lte=day)
    return rows.aggregate(Max("number"))["number__max"] or 0


def _worded(title: str, body: str) -> tuple[str, str, list[Problem]]:
    title, body = clean(storable(title)), clean_lines(storable(body))
    problems = []
    if not title:
        problems.append(Problem("title", "required", "Впишіть назву."))
    if not body:
        problems.append(Problem("body", "required", "Впишіть текст."))
    elif len(body) > LONGEST:
        problems.append(Problem("body", "too_long", f"Скоротіть до {LONGEST} знаків."))
    return title, body, problems


@command
def draft_contract(
    *, actor: Actor, title: str, body: str, effective_on: datetime.date, moment: Moment
) -> ContractText:
    """Lay another version of the contract before the owner; nobody joins it until it is approved.

    Raises:
        NotAllowed: the actor does not govern systems.
        Invalid: a title, a text or the day is wrong; all told at once.
    """
    policies.govern_systems.require(actor)
    title, body, problems = _worded(title, body)
    if effective_on < moment.today:
        problems.append(Problem("effective_on", "past", "Цей день уже минув."))
    if problems:
        raise Invalid(problems)
    with violation("eis_contract_text_number_key", StaleVersion):
        made = ContractText.objects.create(
            number=(ContractText.objects.aggregate(Max("number"))["number__max"] or 0) + 1,
            title=title,
            body=body,
            effective_on=effective_on,
            made_at=moment.now,
            made_by_id=actor.grant_id,
        )
    audit.record(ContractDrafted(subject=made.number, title=title))
    return made


@command
def approve_contract(*, actor: Actor, number: int, approval: str, moment: Moment) -> ContractText:
    """Approve a version of the contract by the owner's decision; it never changes from then on.

    Raises:
        NotAllowed: the actor does not act for the owner.
        NotFound: no such version.
        Invalid: no decision is named.
        PaperDecided: approved already.
    """
    policies.approve_contract.require(actor)
    found = ContractText.objects.select_for_update(no_key=True).filter(number=number).first()
    if found is None:
        raise NotFound
    approval = clean(storable(approval))
    if not approval:
        raise Invalid([Problem("approval", "required", "Вкажіть номер і дату рішення.")])
    if found.approved_at is not None:
        raise errors.PaperDecided
    found.approved_at, found.approved_by_id = moment.now, grant_of(actor)
    found.approval = approval
    found.save(update_fields=["approved_at", "approved_by", "approval"])
    audit.record(ContractApproved(subject=number, title=found.title, approval=approval))
    return found


@command
def publish_requirements(
    *, actor: Actor, title: str, body: str, effective_on: datetime.date, moment: Moment
) -> Requirements:
    """Publish other technical requirements, a month at least before they are asked for (п.25); that
    day every connected system is to be tested again (п.22). The first ones have nothing to wait for.

    Raises:
        NotAllowed: the actor does not govern systems.
        Invalid: a title, a text or the day is wrong; all told at once.
    """
    policies.govern_systems.require(actor)
    title, body, problems = _worded(title, body)
    number = (Requirements.objects.aggregate(Max("number"))["number__max"] or 0) + 1
    first = clock.months_after(moment.today, AHEAD)
    if number > 1 and effective_on < first:
        problems.append(
            Problem(
                "effective_on",
                "too_soon",
                f"Зміни оприлюднюють не менш ніж за місяць (п. 25): найраніше з {first:%d.%m.%Y}.",
            )
        )
    elif effective_on < moment.today:
        problems.append(Problem("effective_on", "past", "Цей день уже минув."))
    if problems:
        raise Invalid(problems)
    with violation("eis_requirements_number_key", StaleVersion):
        made = Requirements.objects.create(
            number=number,
            title=title,
            body=body,
            published_on=moment.today,
            effective_on=effective_on,
            published_by_id=actor.grant_id,
            # There was nothing before the first that systems were tested by.
            applied_at=moment.now if number == 1 else None,
        )
    audit.record(RequirementsPublished(subject=number, title=title, effective_on=effective_on))
    return made
