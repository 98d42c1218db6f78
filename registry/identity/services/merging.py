"""Merging two profiles of one child: one person asks, another decides, and it can be taken back."""

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
from registry.identity.errors import AskedByYourself, CannotMerge, CannotUnmerge, MergeDecided
from registry.identity.events import (
    MergeAsked,
    MergeRejected,
    PupilGaveBack,
    PupilMerged,
    PupilTookOver,
    PupilUnmerged,
    UnmergeAsked,
    UnmergeRefused,
)
from registry.identity.merge import Moved
from registry.identity.models import PupilMerge
from registry.identity.services import doubts
from registry.identity.states import TRANSITIONS
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from registry.people.selectors.reach import reached

_LONGEST = 500


@command
def ask_merge(
    *, actor: Actor, retained_id: Any, merged_id: Any, ground: str, moment: Moment
) -> PupilMerge:
    """Say that two profiles are one child; `retained_id` is the one that will stand for both.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both.
        CannotMerge: every reason why these two cannot be merged.
        Invalid: no ground.
    """
    ground = _said(
        "ground", ground, "Вкажіть підставу: документи, за якими видно, що це одна дитина."
    )
    retained, here = _child(actor, retained_id)
    merged, there = _child(actor, merged_id)
    if retained.pk == merged.pk:
        raise CannotMerge([Problem("", "same", "Це той самий профіль.")])
    _refuse(retained, merged, moment)
    with violation("one_merge_of_a_profile", _asked_already):
        asked = PupilMerge.objects.create(
            retained=retained,
            merged=merged,
            institution=here,
            merged_institution=there,
            ground=ground,
            asked_by_id=grant_of(actor),
            asked_at=moment.now,
        )
    _tell(asked, MergeAsked)
    return asked


def _child(actor: Actor, pupil_id: Any) -> tuple[Pupil, Institution]:
    pupil, institution = reached(actor, pupil_id)
    if institution is None:
        raise NotFound
    policies.merge.require(actor, institution)
    return pupil, institution


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
def confirm_merge(*, actor: Actor, merge_id: Any, moment: Moment) -> PupilMerge:
    """Merge the two profiles: everything of the plan goes to the retained one.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both, or asked for it.
        MergeDecided: somebody was quicker.
        CannotMerge: every reason why these two cannot be merged now.
    """
    asked = _held(actor, merge_id, "confirm")
    _another_person(actor, asked.asked_by_id)
    retained, merged = _pair(asked)
    _refuse(retained, merged, moment)
    with violation("merged_without_chains", _in_a_chain):
        moved = mechanism.move(retained.pk, merged.pk, moment.today)
    _decide(asked, "MERGED", actor, moment, moved=msgspec.to_builtins(moved))
    doubts.settled(asked, "SAME", actor, moment, asked.ground)
    _tell(asked, PupilMerged)
    audit.record(
        PupilTookOver(
            subject=retained.pk, unit=asked.institution_id, merge=asked.pk, merged=merged.pk
        )
    )
    return asked


def _in_a_chain() -> CannotMerge:
    return CannotMerge([Problem("", "merged_already", "Один із профілів уже обʼєднано з іншим.")])


@command
def reject_merge(*, actor: Actor, merge_id: Any, reason: str, moment: Moment) -> PupilMerge:
    """The two profiles stay two.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both, or asked for it.
        MergeDecided: somebody was quicker.
        Invalid: no reason.
    """
    reason = _said("reason", reason, "Напишіть, чому це різні діти або чого бракує.")
    asked = _held(actor, merge_id, "reject")
    _another_person(actor, asked.asked_by_id)
    _decide(asked, "REJECTED", actor, moment, reason=reason)
    doubts.settled(asked, "DIFFERENT", actor, moment, reason)
    _tell(asked, MergeRejected)
    return asked


@command
def ask_unmerge(*, actor: Actor, merge_id: Any, ground: str, moment: Moment) -> PupilMerge:
    """Say that a merge was a mistake; another person will take it back.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both.
        MergeDecided: it was taken back already, or somebody has asked for it.
        CannotUnmerge: every later change that makes it impossible, row by row.
        Invalid: no ground.
    """
    ground = _said("ground", ground, "Вкажіть, чому обʼєднання було помилковим.")
    done = _held(actor, merge_id, "ask_undo")
    _way_back(done)
    done.state = "UNDOING"
    done.undo_asked_by_id = grant_of(actor)
    done.undo_asked_at = moment.now
    done.undone_ground = ground
    done.save(update_fields=["state", "undo_asked_by", "undo_asked_at", "undone_ground"])
    _tell(done, UnmergeAsked)
    return done


@command
def keep_merge(*, actor: Actor, merge_id: Any) -> PupilMerge:
    """The merge stays: who asked to take it back thought better of it, or another person refuses.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both.
        MergeDecided: nobody asks to take it back.
    """
    done = _held(actor, merge_id, "keep")
    done.state = "MERGED"
    done.undo_asked_by = done.undo_asked_at = None
    done.undone_ground = ""
    done.save(update_fields=["state", "undo_asked_by", "undo_asked_at", "undone_ground"])
    _tell(done, UnmergeRefused)
    return done


@command
def unmerge(*, actor: Actor, merge_id: Any, moment: Moment) -> PupilMerge:
    """Take a merge back: every byte it moved is as it was before.

    Raises:
        NotFound, NotAllowed: the actor does not decide about both, or asked for it.
        MergeDecided: it was taken back already, or nobody asks for it.
        CannotUnmerge: every later change that makes it impossible, row by row.
    """
    done = _held(actor, merge_id, "undo")
    _another_person(actor, done.undo_asked_by_id)
    retained, merged, moved = _way_back(done)
    with violation(("one_pupil_per_rnokpp", "one_pupil_per_unzr"), _number_taken):
        mechanism.restore(retained.pk, merged.pk, moved)
    done.state = "UNDONE"
    done.undone_by_id = grant_of(actor)
    done.undone_at = moment.now
    done.save(update_fields=["state", "undone_by", "undone_at"])
    doubts.settled(done, "DIFFERENT", actor, moment, done.undone_ground)
    _tell(done, PupilUnmerged)
    audit.record(
        PupilGaveBack(
            subject=retained.pk, unit=done.institution_id, merge=done.pk, merged=merged.pk
        )
    )
    return done


def _way_back(done: PupilMerge) -> tuple[Pupil, Pupil, Moved]:
    """Both profiles, held, and what goes back."""
    retained, merged = _pair(done)
    moved = msgspec.convert(done.moved, Moved, strict=False)
    if problems := mechanism.against_undoing(retained, merged, moved):
        raise CannotUnmerge(problems)
    return retained, merged, moved


_OfMerge = MergeAsked | MergeRejected | PupilMerged | PupilUnmerged | UnmergeAsked | UnmergeRefused


def _tell(merge: PupilMerge, event: type[_OfMerge]) -> None:
    audit.record(
        event(
            subject=merge.merged_id,
            unit=merge.merged_institution_id,
            merge=merge.pk,
            retained=merge.retained_id,
        )
    )


def _number_taken() -> CannotUnmerge:
    return CannotUnmerge(
        [Problem("", "number_taken", "Номер другого профілю відтоді записано на іншу дитину.")]
    )


def _said(field: str, text: str, missing: str) -> str:
    text = storable(text)
    if not text:
        raise Invalid([Problem(field, "required", missing)])
    if len(text) > _LONGEST:
        raise Invalid([Problem(field, "too_long", f"До {_LONGEST} знаків.")])
    return text


def _held(actor: Actor, merge_id: Any, step: str) -> PupilMerge:
    policies.see_merges.require(actor)
    found: PupilMerge = (
        PupilMerge.objects.visible_to(actor)
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


def _pair(asked: PupilMerge) -> tuple[Pupil, Pupil]:
    """Both profiles as they are once they are held."""
    ids: list[uuid.UUID] = [asked.retained_id, asked.merged_id]
    mechanism.hold(*ids)
    found = Pupil.objects.in_bulk(ids)
    return found[ids[0]], found[ids[1]]


def _refuse(retained: Pupil, merged: Pupil, moment: Moment) -> None:
    if problems := mechanism.against(retained, merged, moment.today):
        raise CannotMerge(problems)


def _decide(asked: PupilMerge, state: str, actor: Actor, moment: Moment, **facts: Any) -> None:
    asked.state = state
    asked.decided_by_id = grant_of(actor)
    asked.decided_at = moment.now
    for name, value in facts.items():
        setattr(asked, name, value)
    asked.save(update_fields=["state", "decided_by", "decided_at", *facts])
