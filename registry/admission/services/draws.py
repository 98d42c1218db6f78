"""The draw (жеребкування): announced, frozen, held, its protocol signed.

    announce   (one school, or an authority for several of its schools together) a secret is made, its hash and which public value will be taken are published
    freeze     applications are closed: children, ranks and places are published as bytes
    hold       the public value is known now: seed, lines, places; the secret is published
    sign       the protocol over all rows and files, by one signature; of a draw of several schools
               each head signs the school's own line, too (`sign_part`)

Nobody can lean on it: whoever knows the secret cannot know the value, whoever waits for the value
finds children and places published already (docs/adr/0051).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.models import Count

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.scoping import grant_of, person_of
from kernel.text import clean
from registry.admission import allocation, policies
from registry.admission.calendar import Phase
from registry.admission.errors import DrawDecided, NoAdmission, NotYet, PlacesNotSet
from registry.admission.events import DrawAnnounced, DrawDrawn, DrawFrozen, DrawSigned
from registry.admission.models import Application, Draw, DrawSecret, Intake
from registry.admission.services.giving import fill, give
from registry.admission.services.steps import days_of, free, held, school
from registry.admission.states import DRAW, HOLDS
from registry.institutions.models.institutions import Institution
from registry.orders.services import organisations_of
from signatures.api import Package, build_package, load_package
from signatures.errors import AlreadySigned, WrongSigner
from signatures.models import SigningSession
from signatures.selectors.sessions import files_of
from signatures.services import sessions

PURPOSE = "registry.admission.protocol"
SCRIPT = Path(__file__).parents[1] / "verify_draw.py"
# Ranks of the line; a child that holds a farther place of the same draw keeps it at least.
HOLDER, BY_RIGHT, OTHERS = (0,), (1,), (2,)


@command
def announce(*, actor: Actor, institution_id: Any, takes: str, moment: Moment) -> Draw:
    """Make the secret and publish its hash with which public value will be taken and when.

    Raises:
        NotFound, NotAllowed: the actor is not the head.
        PlacesNotSet: the school has not said how many places it has.
        DrawDecided: the draw of the year is announced already.
        Invalid: it is not said which value will be taken.
    """
    institution = school(actor, institution_id, policies.give_places)
    days = days_of(institution, moment.today)
    intake = held(institution, days.school_year)
    if intake.draw_id is not None:
        raise DrawDecided("Жеребкування вже оголошено.")
    return _announced(actor, institution.unit, [intake], takes, moment)


@command
def announce_together(
    *, actor: Actor, institution_ids: Collection[int], takes: str, moment: Moment
) -> Draw:
    """One draw for several schools of an authority: one secret, one lot of each child, one place of
    each by the order of its wishes.

    Raises:
        NotFound: a school is out of reach.
        NotAllowed: the actor is no authority.
        PlacesNotSet, DrawDecided: a school has said no places, or has a draw already; which is told.
        Invalid: fewer than two schools, schools of different years, or no value is named.
    """
    policies.draw_together.require(actor)
    rows = Institution.objects.visible_to(actor).select_related("unit", "hub")
    schools = list(rows.filter(pk__in=set(institution_ids)).order_by("pk"))
    if len(schools) < len(set(institution_ids)):
        raise NotFound
    years = {days_of(one, moment.today).school_year for one in schools}
    if len(schools) < 2 or len(years) > 1:
        raise Invalid(
            [Problem("schools", "required", "Виберіть щонайменше два заклади одного прийому.")]
        )
    intakes = {
        one.institution_id: one
        for one in Intake.objects.select_for_update(of=("self",), no_key=True)
        .filter(institution__in=schools, school_year_id=years.pop())
        .select_related("institution")
        .order_by("pk")
    }
    if unset := [one.short_name for one in schools if one.pk not in intakes]:
        raise PlacesNotSet(f"Кількості місць не вказали: {'; '.join(unset)}.")
    if drawn := [one.institution.short_name for one in intakes.values() if one.draw_id]:
        raise DrawDecided(f"Жеребкування вже оголошено: {'; '.join(drawn)}.")
    unit = OrgUnit.objects.get(pk=actor.unit_id or 0)
    return _announced(actor, unit, list(intakes.values()), takes, moment)


@part_of_command
def _announced(
    actor: Actor, unit: OrgUnit, intakes: Sequence[Intake], takes: str, moment: Moment
) -> Draw:
    said = clean(takes.replace("\x00", ""))[:500]
    if len(said) < 10:
        raise Invalid(
            [
                Problem(
                    "takes",
                    "required",
                    "Назвіть число, яке стане відомим після завершення прийому заяв: хто, де і коли "
                    "його публікує.",
                )
            ]
        )
    secret = secrets.token_hex(32)
    draw = Draw.objects.create(
        unit=unit,
        school_year_id=intakes[0].school_year_id,
        secret_sha256=allocation.commitment(secret),
        takes=said,
        announced_by_id=grant_of(actor),
        announced_at=moment.now,
    )
    DrawSecret.objects.create(draw=draw, secret=secret)
    for intake in intakes:
        intake.draw = draw
        intake.save(update_fields=["draw"])
    audit.record(
        DrawAnnounced(
            subject=draw.pk, unit=draw.unit_id, secret_sha256=draw.secret_sha256, takes=said
        )
    )
    return draw


@command
def freeze(*, actor: Actor, draw_id: Any, moment: Moment) -> Draw:
    """Fix who takes part and how many places there are, and publish both.

    Raises:
        NotFound, NotAllowed: not a draw of the actor's.
        NotYet: applications are still accepted, some are not checked, or there is nothing to draw.
        DrawDecided: it is frozen already.
    """
    draw, intakes = _locked(actor, draw_id)
    _step(draw, "freeze")
    for one in intakes:
        days = days_of(one.institution, moment.today)
        if days.phase(moment.now) in {Phase.BEFORE, Phase.OPEN}:
            raise NotYet(f"Прийом заяв триває до {days.closes:%d.%m.%Y} включно.")
    waiting = Application.objects.filter(intake__in=intakes, state="SUBMITTED")
    unchecked = dict(waiting.order_by().values_list("intake").annotate(Count("pk")))
    if unchecked:
        where = ""
        if len(intakes) > 1:
            told = (
                f"{one.institution.short_name} — {unchecked[one.pk]}"
                for one in intakes
                if one.pk in unchecked
            )
            where = f" ({'; '.join(told)})"
        raise NotYet(
            f"Не перевірено заяв: {sum(unchecked.values())}{where}. Перевірте їх або відхиліть з "
            "поясненням."
        )
    places, applicants = taking_part(intakes)
    if not applicants or not any(places.values()):
        raise NotYet("Немає дітей, які чекають на місце, або вільних місць.")
    draw.inputs = allocation.inputs(str(draw.pk), places, applicants)
    draw.inputs_sha256 = hashlib.sha256(draw.inputs).hexdigest()
    draw.frozen_at = moment.now
    draw.state = "FROZEN"
    draw.save()
    audit.record(
        DrawFrozen(
            subject=draw.pk,
            unit=draw.unit_id,
            inputs_sha256=draw.inputs_sha256,
            children=len(applicants),
            places=sum(places.values()),
        )
    )
    return draw


def taking_part(
    intakes: Sequence[Intake],
) -> tuple[dict[str, int], list[allocation.Applicant]]:
    """Free places by school, and the children who wait for them with their wishes in order.

    A child that holds a place takes part for nearer wishes only; where the place is of the same
    draw it stands in it as a place that cannot be lost.
    """
    place_of = {one.pk: str(one.institution.uid) for one in intakes}
    places = {place_of[one.pk]: max(0, free(one)) for one in intakes}
    waiting = (
        Application.objects.filter(intake__in=intakes, state__in=["CHECKED", "RESERVE"])
        .select_related("candidate")
        .order_by("candidate_id", "wish")
    )
    wishes: dict[int, list[Application]] = {}
    for one in waiting:
        wishes.setdefault(one.candidate_id, []).append(one)
    holding = {
        one.candidate_id: one
        for one in Application.objects.filter(candidate__in=list(wishes), state__in=HOLDS)
    }
    applicants = []
    for child, those in wishes.items():
        has = holding.get(child)
        if has is not None and has.state == "ENROLLED":
            continue
        nearer = [one for one in those if has is None or one.wish < has.wish]
        if not nearer:
            continue
        asked = [
            allocation.Wish(place_of[one.intake_id], BY_RIGHT if one.grounds else OTHERS)
            for one in nearer
        ]
        if has is not None and has.intake_id in place_of:
            asked.append(allocation.Wish(place_of[has.intake_id], HOLDER))
            places[place_of[has.intake_id]] += 1
        applicants.append(allocation.Applicant(nearer[0].candidate.number, tuple(asked)))
    return places, applicants


@command
def hold(*, actor: Actor, draw_id: Any, public_value: str, moment: Moment) -> Draw:
    """Hold the draw: the seed of secret and public value, lines, places; what it came to is
    published at once, and the protocol waits for the signature. Pressed twice it is held once.

    Raises:
        NotFound, NotAllowed: not a draw of the actor's.
        DrawDecided: it is not frozen yet.
        Invalid: no public value.
    """
    draw, intakes = _locked(actor, draw_id)
    if draw.state in {"DRAWN", "SIGNED"}:
        return draw
    _step(draw, "draw")
    value = clean(public_value.replace("\x00", ""))[:200]
    if not value:
        raise Invalid([Problem("public_value", "required", f"Впишіть число: {draw.takes}")])
    secret = DrawSecret.objects.get(draw=draw).secret
    draw.secret, draw.public_value = secret, value
    draw.seed = allocation.seed_of(secret, value)
    draw.result = allocation.draw(bytes(draw.inputs or b""), secret, value)
    draw.result_sha256 = hashlib.sha256(draw.result).hexdigest()
    draw.drawn_at = moment.now
    draw.state = "DRAWN"
    _prepared(draw, actor, moment)
    draw.save()
    given = _given(draw, intakes)
    audit.record(
        DrawDrawn(
            subject=draw.pk,
            unit=draw.unit_id,
            result_sha256=draw.result_sha256,
            placed=given,
            drawn_on=moment.today,
        )
    )
    return draw


@part_of_command
def _given(draw: Draw, intakes: Sequence[Intake]) -> int:
    """Write the lines and give the places; a place whose child got a nearer one elsewhere since the
    inputs were published goes to the next in the line."""
    result = json.loads(bytes(draw.result or b""))
    intake_of = {str(one.institution.uid): one for one in intakes}
    placed = dict(result["placed"])
    count = 0
    for place, line in result["lines"]:
        intake = intake_of[place]
        waiting = {
            one.candidate.number: one
            for one in Application.objects.filter(
                intake=intake, state__in=["CHECKED", "RESERVE"]
            ).select_related("candidate")
        }
        chosen = []
        for turn, number in enumerate(line, start=1):
            if (one := waiting.get(number)) is not None:
                one.turn, one.state = turn, "RESERVE"
                one.version += 1
                if placed.get(number) == place:
                    chosen.append(one)
        Application.objects.bulk_update(
            [one for one in waiting.values() if one.turn], ["turn", "state", "version"], 1000
        )
        count += len(give(chosen, "draw"))
    for intake in intakes:
        count += len(fill(intake, late=False))
    return count


# ── the protocol ─────────────────────────────────────────────────────────────
def protocol(draw: Draw) -> dict[str, Any]:
    """What is published of a draw that was held: all that anybody needs to recompute it."""
    return {
        "schema": "aikom.draw.protocol/1",
        "draw": str(draw.pk),
        "school_year": draw.school_year_id,
        "held_by": draw.unit.name,
        "takes": draw.takes,
        "announced_at": clock.local(draw.announced_at).isoformat(timespec="seconds"),
        "frozen_at": clock.local(draw.frozen_at).isoformat(timespec="seconds")
        if draw.frozen_at
        else "",
        "drawn_at": clock.local(draw.drawn_at).isoformat(timespec="seconds")
        if draw.drawn_at
        else "",
        "secret_sha256": draw.secret_sha256,
        "secret": draw.secret,
        "public_value": draw.public_value,
        "seed": draw.seed,
        "inputs_sha256": draw.inputs_sha256,
        "result_sha256": draw.result_sha256,
    }


def files(draw: Draw) -> Mapping[str, bytes]:
    """The files of a draw by name, as its public page and its signed package have them."""
    found: dict[str, bytes] = {}
    if draw.result is not None:
        found["protocol.json"] = allocation.canonical(protocol(draw))
    if draw.inputs is not None:
        found["inputs.json"] = bytes(draw.inputs)
    if draw.result is not None:
        found["result.json"] = bytes(draw.result)
    found["verify_draw.py"] = SCRIPT.read_bytes()
    return found


def rows_of(draw: Draw, part: Intake | None = None) -> list[dict[str, Any]]:
    """Rows of the protocol: each child's place in each line, or in that of one school."""
    only = str(part.institution.uid) if part else None
    result = json.loads(bytes(draw.result or b""))
    placed = dict(result["placed"])
    return [
        {"school": place, "turn": turn, "number": number, "placed": placed.get(number) == place}
        for place, line in result["lines"]
        if only in {None, place}
        for turn, number in enumerate(line, start=1)
    ]


@part_of_command
def _prepared(draw: Draw, actor: Actor, moment: Moment, part: Intake | None = None) -> None:
    """The protocol's bytes, frozen for the signature of whoever holds the draw, or of the head of the
    school whose `part` it is."""
    unit = part.institution.unit if part else draw.unit
    # Who issued it, its title, number and date: what a page of a signed document says of any.
    document = {
        **protocol(draw),
        "type": "protocol",
        "institution": {"name": unit.name, "edrpou": unit.edrpou or ""},
        "title": "Протокол жеребкування до 1 класу",
        "number": str(draw.pk)[-12:],
        "date": clock.day_of(draw.drawn_at or moment.now).isoformat(),
        "signer": actor.full_name,
    }
    package = build_package(document, rows_of(draw, part), files(draw))
    (part or draw).signing = sessions.prepare(
        user_id=person_of(actor),
        purpose=PURPOSE,
        content=package.manifest,
        now=moment.now,
        lifetime=sessions.LIFETIME * 60,
        files=package.kept,
    )


@command
def prepare_again(*, actor: Actor, draw_id: Any, moment: Moment) -> Draw:
    """Let a new head, or one who waited too long, sign the same protocol.

    Raises:
        NotFound, NotAllowed: not a draw of the actor's.
        DrawDecided: it is not held, or its protocol is signed.
    """
    draw, _ = _locked(actor, draw_id)
    _step(draw, "sign")
    if draw.signing_id is not None:
        sessions.give_up(draw.signing_id)
    _prepared(draw, actor, moment)
    draw.save(update_fields=["signing"])
    audit.record(
        DrawDrawn(
            subject=draw.pk,
            unit=draw.unit_id,
            result_sha256=draw.result_sha256,
            placed=len(json.loads(bytes(draw.result or b""))["placed"]),
            drawn_on=clock.day_of(draw.drawn_at or moment.now),
        )
    )
    return draw


def package_of(draw: Draw, session: SigningSession, part: Intake | None = None) -> Package:
    """The signed package read back, every part checked."""
    return load_package(
        bytes(session.content), build_package({}, rows_of(draw, part)).rows, files_of(session)
    )


def sign(*, actor: Actor, draw_id: Any, cms: bytes, moment: Moment) -> Draw:
    """Sign the protocol; signed again it stays as it is.

    Raises:
        NotFound, NotAllowed: not a draw of the actor's.
        DrawDecided: it is not held yet, or was prepared for another person.
        SignatureRefused, WrongSigner, SigningExpired: the signature does not hold.
    """
    draw = find(actor, draw_id)
    if draw.state == "SIGNED":
        return draw
    if draw.signing_id is None:
        raise DrawDecided
    try:
        verified = sessions.verify(
            draw.signing_id, cms, actor=actor, now=moment.now, rnokpp=actor.person_code
        )
    except AlreadySigned:
        return find(actor, draw_id)
    return _signed(actor=actor, draw_id=draw.pk, verified_id=verified.pk, moment=moment)


@command
def _signed(*, actor: Actor, draw_id: Any, verified_id: uuid.UUID, moment: Moment) -> Draw:
    """The second phase: what was verified is taken, the draw is signed.

    Raises:
        as `sign`.
    """
    draw, _ = _locked(actor, draw_id)
    if draw.state == "SIGNED":
        return draw
    _step(draw, "sign")
    serial = _completed(draw, actor, verified_id, moment)
    draw.state, draw.signed_at = "SIGNED", moment.now
    draw.save(update_fields=["state", "signed_at"])
    audit.record(DrawSigned(subject=draw.pk, unit=draw.unit_id, certificate=serial))
    return draw


@part_of_command
def _completed(
    draw: Draw, actor: Actor, verified_id: uuid.UUID, moment: Moment, part: Intake | None = None
) -> str:
    """Take the verified signature of the protocol or of a school's part; the certificate's number."""
    session = sessions.locked((part or draw).signing_id)  # type: ignore[arg-type]
    if session.user_id != actor.user_id:
        raise DrawDecided("Протокол підготовлено для підпису іншою особою: підготуйте його знову.")
    package_of(draw, session, part)
    signer = sessions.complete(session, verified_id, now=moment.now, rnokpp=actor.person_code)
    if signer.edrpou not in keys_of(draw, part):
        raise WrongSigner(
            "Ключ видано для іншої організації. Протокол підписують ключем того, хто його складає: "
            "закладу або органу управління.",
            field="signature",
        )
    return str(signer.serial)


def keys_of(draw: Draw, part: Intake | None = None) -> list[str]:
    """Codes of the organisations whose keys sign it."""
    school = part.institution if part else _school_of(draw)
    if school is not None:
        return organisations_of(school)
    return [draw.unit.edrpou] if draw.unit.edrpou else []


# ── a school's part of a draw of several ─────────────────────────────────────
def part_of(actor: Actor, institution_id: Any, *, held: bool = False) -> tuple[Draw, Intake]:
    """A school's part of a draw that an authority held, the latest.

    Raises:
        NotFound: no such part, or out of reach.
        NotAllowed: the actor is not the head.
    """
    institution = school(actor, institution_id, policies.give_places)
    rows = Intake.objects.select_related("institution__unit", "institution__hub", "signing")
    if held:
        rows = rows.select_for_update(of=("self",), no_key=True)
    part = (
        rows.filter(institution=institution, draw__state__in=["DRAWN", "SIGNED"])
        .exclude(draw__unit=institution.unit)
        .order_by("-school_year_id")
        .first()
    )
    if part is None:
        raise NotFound
    return Draw.objects.select_related("unit").get(pk=part.draw_id), part


@command
def prepare_part(*, actor: Actor, institution_id: Any, moment: Moment) -> Intake:
    """Let the head sign the school's part of a draw of several schools.

    Raises:
        NotFound, NotAllowed: as `part_of`.
        DrawDecided: it is signed.
    """
    draw, part = part_of(actor, institution_id, held=True)
    if part.signed_at is not None:
        raise DrawDecided
    if part.signing_id is not None:
        sessions.give_up(part.signing_id)
    _prepared(draw, actor, moment, part)
    part.save(update_fields=["signing"])
    placed = sum(row["placed"] for row in rows_of(draw, part))
    audit.record(
        DrawDrawn(
            subject=draw.pk,
            unit=part.institution_id,
            result_sha256=draw.result_sha256,
            placed=placed,
            drawn_on=clock.day_of(draw.drawn_at or moment.now),
        )
    )
    return part


def sign_part(*, actor: Actor, institution_id: Any, cms: bytes, moment: Moment) -> Intake:
    """Sign the school's part; signed again it stays as it is.

    Raises:
        as `sign`.
    """
    _, part = part_of(actor, institution_id)
    if part.signed_at is not None:
        return part
    if part.signing_id is None:
        raise DrawDecided
    try:
        verified = sessions.verify(
            part.signing_id, cms, actor=actor, now=moment.now, rnokpp=actor.person_code
        )
    except AlreadySigned:
        return part_of(actor, institution_id)[1]
    return _part_signed(
        actor=actor, institution_id=institution_id, verified_id=verified.pk, moment=moment
    )


@command
def _part_signed(
    *, actor: Actor, institution_id: Any, verified_id: uuid.UUID, moment: Moment
) -> Intake:
    """The second phase of `sign_part`.

    Raises:
        as `sign`.
    """
    draw, part = part_of(actor, institution_id, held=True)
    if part.signed_at is not None:
        return part
    serial = _completed(draw, actor, verified_id, moment, part)
    part.signed_at = moment.now
    part.save(update_fields=["signed_at"])
    audit.record(DrawSigned(subject=draw.pk, unit=part.institution_id, certificate=serial))
    return part


# ── one draw ─────────────────────────────────────────────────────────────────
def find(actor: Actor, draw_id: Any) -> Draw:
    """A draw of the actor's school, or of the actor's authority.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: the actor is not the head; the draw is another authority's.
    """
    draw: Draw = Draw.objects.visible_to(actor).select_related("unit", "signing").find(pk=draw_id)
    own = _school_of(draw)
    if own is not None:
        policies.give_places.require(actor, own)
    else:
        policies.draw_together.require(actor)
        if draw.unit_id != actor.unit_id:
            raise NoAdmission("Це жеребкування проводить інший орган.")
    return draw


def _school_of(draw: Draw) -> Institution | None:
    """The school that holds it; None of an authority's."""
    return Institution.objects.select_related("hub").filter(pk=draw.unit_id).first()


@part_of_command
def _locked(actor: Actor, draw_id: Any) -> tuple[Draw, list[Intake]]:
    """A draw with its schools, held: the schools first, as everywhere."""
    find(actor, draw_id)
    intakes = list(
        Intake.objects.select_for_update(of=("self",), no_key=True)
        .filter(draw=draw_id)
        .select_related("institution__hub")
        .order_by("pk")
    )
    draw = (
        Draw.objects.select_for_update(of=("self",), no_key=True)
        .select_related("unit")
        .get(pk=draw_id)
    )
    if not intakes:
        raise NotFound
    return draw, intakes


def _step(draw: Draw, step: str) -> None:
    if step not in DRAW[draw.state]:
        raise DrawDecided
