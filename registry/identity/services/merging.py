"""Merging two profiles of one child, or of one member of staff (`kind`): one person asks, another
decides, and it can be taken back."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from accounts.actors import Actor
from accounts.models import Grant
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, violation
from kernel.errors import Invalid, NotFound, Problem
from kernel.scoping import grant_of, person_of
from kernel.tables.cells import storable
from registry.identity import merge as mechanism
from registry.identity import policies
from registry.identity.children import CHILDREN
from registry.identity.errors import AskedByYourself, CannotMerge, CannotUnmerge, MergeDecided
from registry.identity.kind import Kind
from registry.identity.merge import Moved
from registry.identity.models import EmployeeMerge, PupilMerge
from registry.identity.services import doubts
from registry.identity.states import TRANSITIONS
from registry.institutions.models.institutions import Institution

_LONGEST = 500
Merge = PupilMerge | EmployeeMerge


@command
def ask_merge(
    *,
    actor: Actor,
    retained_id: Any,
    merged_id: Any,
    ground: str,
    moment: Moment,
    kind: Kind = CHILDREN,
) -> Merge:
    """Say that two profiles are one; `retained_id` is the one that will stand for both.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both.
        CannotMerge: every reason why these two cannot be merged.
        Invalid: no ground.
    """
    ground = _said(
        "ground",
        ground,
        f"Вкажіть підставу: документи, за якими видно, що це {kind.words.one}.",
    )
    retained, here = _one(kind, actor, retained_id)
    merged, there = _one(kind, actor, merged_id)
    if retained.pk == merged.pk:
        raise CannotMerge([Problem("", "same", "Це той самий профіль.")])
    _refuse(kind, retained, merged, moment)
    with violation(kind.asked_once, _asked_already):
        asked: Merge = kind.merges.objects.create(
            retained=retained,
            merged=merged,
            institution=here,
            merged_institution=there,
            ground=ground,
            asked_by_id=grant_of(actor),
            asked_at=moment.now,
        )
    _tell(asked, kind.events.asked)
    return asked


def _one(kind: Kind, actor: Actor, pk: Any) -> tuple[Any, Institution]:
    one, institution = kind.reached(actor, pk)
    if institution is None:
        raise NotFound
    policies.merge.require(actor, institution)
    return one, institution


def _asked_already() -> CannotMerge:
    return CannotMerge(
        [
            Problem(
                "",
                "asked_already",
                "Обʼєднати цей профіль уже попросили: знайдіть прохання у списку обʼєднань.",
            )
        ]
    )


@command
def confirm_merge(*, actor: Actor, merge_id: Any, moment: Moment, kind: Kind = CHILDREN) -> Merge:
    """Merge the two profiles: everything of the plan goes to the retained one.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both, or asked for it.
        MergeDecided: somebody was quicker.
        CannotMerge: every reason why these two cannot be merged now.
    """
    asked = _held(kind, actor, merge_id, "confirm")
    _another_person(actor, asked.asked_by_id)
    retained, merged = _pair(kind, asked)
    _refuse(kind, retained, merged, moment)
    with violation(kind.chain, _in_a_chain):
        moved = mechanism.move(kind, retained.pk, merged.pk, moment.today)
    _decide(asked, "MERGED", actor, moment, moved=msgspec.to_builtins(moved))
    doubts.settled(kind, asked, "SAME", actor, moment, asked.ground)
    _tell(asked, kind.events.merged)
    _tell_retained(asked, kind.events.took_over)
    return asked


def _in_a_chain() -> CannotMerge:
    return CannotMerge([Problem("", "merged_already", "Один із профілів уже обʼєднано з іншим.")])


@command
def reject_merge(
    *, actor: Actor, merge_id: Any, reason: str, moment: Moment, kind: Kind = CHILDREN
) -> Merge:
    """The two profiles stay two.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both, or asked for it.
        MergeDecided: somebody was quicker.
        Invalid: no reason.
    """
    reason = _said("reason", reason, f"Напишіть, чому це {kind.words.differ} або чого бракує.")
    asked = _held(kind, actor, merge_id, "reject")
    _another_person(actor, asked.asked_by_id)
    _decide(asked, "REJECTED", actor, moment, reason=reason)
    doubts.settled(kind, asked, "DIFFERENT", actor, moment, reason)
    _tell(asked, kind.events.rejected)
    return asked


@command
def ask_unmerge(
    *, actor: Actor, merge_id: Any, ground: str, moment: Moment, kind: Kind = CHILDREN
) -> Merge:
    """Say that a merge was a mistake; another person will take it back.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both.
        MergeDecided: it was taken back already, or somebody has asked for it.
        CannotUnmerge: every later change that makes it impossible, row by row.
        Invalid: no ground.
    """
    ground = _said("ground", ground, "Вкажіть, чому обʼєднання було помилковим.")
    done = _held(kind, actor, merge_id, "ask_undo")
    _way_back(kind, done)
    done.state = "UNDOING"
    done.undo_asked_by_id = grant_of(actor)
    done.undo_asked_at = moment.now
    done.undone_ground = ground
    done.save(update_fields=["state", "undo_asked_by", "undo_asked_at", "undone_ground"])
    _tell(done, kind.events.undo_asked)
    return done


@command
def keep_merge(*, actor: Actor, merge_id: Any, kind: Kind = CHILDREN) -> Merge:
    """The merge stays: who asked to take it back thought better of it, or another person refuses.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both.
        MergeDecided: nobody asks to take it back.
    """
    done = _held(kind, actor, merge_id, "keep")
    done.state = "MERGED"
    done.undo_asked_by = done.undo_asked_at = None
    done.undone_ground = ""
    done.save(update_fields=["state", "undo_asked_by", "undo_asked_at", "undone_ground"])
    _tell(done, kind.events.undo_refused)
    return done


@command
def unmerge(*, actor: Actor, merge_id: Any, moment: Moment, kind: Kind = CHILDREN) -> Merge:
    """Take a merge back: every byte it moved is as it was before.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both, or asked for it.
        MergeDecided: it was taken back already, or nobody asks for it.
        CannotUnmerge: every later change that makes it impossible, row by row.
    """
    done = _held(kind, actor, merge_id, "undo")
    _another_person(actor, done.undo_asked_by_id)
    retained, merged, moved = _way_back(kind, done)
    with violation(kind.rules, _number_taken):
        mechanism.restore(kind, retained.pk, merged.pk, moved)
    done.state = "UNDONE"
    done.undone_by_id = grant_of(actor)
    done.undone_at = moment.now
    done.save(update_fields=["state", "undone_by", "undone_at"])
    doubts.settled(kind, done, "DIFFERENT", actor, moment, done.undone_ground)
    _tell(done, kind.events.undone)
    _tell_retained(done, kind.events.gave_back)
    return done


def _way_back(kind: Kind, done: Merge) -> tuple[Any, Any, Moved]:
    """Both profiles, held, and what goes back."""
    retained, merged = _pair(kind, done)
    moved = msgspec.convert(done.moved, Moved, strict=False)
    if problems := mechanism.against_undoing(kind, retained, merged, moved):
        raise CannotUnmerge(problems)
    return retained, merged, moved


def _tell(merge: Merge, event: Any) -> None:
    audit.record(
        event(
            subject=merge.merged_id,
            unit=merge.merged_institution_id,
            merge=merge.pk,
            retained=merge.retained_id,
        )
    )


def _tell_retained(merge: Merge, event: Any) -> None:
    audit.record(
        event(
            subject=merge.retained_id,
            unit=merge.institution_id,
            merge=merge.pk,
            merged=merge.merged_id,
        )
    )


def _number_taken() -> CannotUnmerge:
    return CannotUnmerge(
        [Problem("", "number_taken", "Номер другого профілю відтоді записано на іншу особу.")]
    )


def _said(field: str, text: str, missing: str) -> str:
    text = storable(text)
    if not text:
        raise Invalid([Problem(field, "required", missing)])
    if len(text) > _LONGEST:
        raise Invalid([Problem(field, "too_long", f"До {_LONGEST} знаків.")])
    return text


def _held(kind: Kind, actor: Actor, merge_id: Any, step: str) -> Merge:
    policies.see_merges.require(actor)
    found: Merge = (
        kind.merges.objects.visible_to(actor)
        .select_related("institution__unit", "merged_institution__unit", "asked_by")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=merge_id)
    )
    if not found.merged_institution.is_within(actor.scope):
        raise NotFound
    for institution in (found.institution, found.merged_institution):
        policies.merge.require(actor, institution)
    if step not in TRANSITIONS[found.state]:
        raise MergeDecided
    return found


def _another_person(actor: Actor, asked_by: Any) -> None:
    """Two persons, not two grants of one."""
    if Grant.objects.get(pk=asked_by).user_id == person_of(actor):
        raise AskedByYourself


def _pair(kind: Kind, asked: Merge) -> tuple[Any, Any]:
    """Both profiles as they are once they are held."""
    ids: list[uuid.UUID] = [asked.retained_id, asked.merged_id]
    mechanism.hold(kind, *ids)
    found = kind.model._default_manager.in_bulk(ids)
    return found[ids[0]], found[ids[1]]


def _refuse(kind: Kind, retained: Any, merged: Any, moment: Moment) -> None:
    if problems := mechanism.against(kind, retained, merged, moment.today):
        raise CannotMerge(problems)


def _decide(asked: Merge, state: str, actor: Actor, moment: Moment, **facts: Any) -> None:
    asked.state = state
    asked.decided_by_id = grant_of(actor)
    asked.decided_at = moment.now
    for name, value in facts.items():
        setattr(asked, name, value)
    asked.save(update_fields=["state", "decided_by", "decided_at", *facts])
