"""What happens to the identity of children."""

from __future__ import annotations

import uuid

from kernel.audit.events import Event, event
from registry.people.events import PupilId


@event("registry.pupil.merge_asked", version=1)
class MergeAsked(Event, frozen=True, kw_only=True):
    """Somebody says that this profile and another are one child; another person will decide."""

    subject: PupilId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.pupil.merge_rejected", version=1)
class MergeRejected(Event, frozen=True, kw_only=True):
    """The two profiles stay two."""

    subject: PupilId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.pupil.merged", version=1)
class PupilMerged(Event, frozen=True, kw_only=True):
    """This profile was merged into another, which stands for both."""

    subject: PupilId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.pupil.took_over", version=1)
class PupilTookOver(Event, frozen=True, kw_only=True):
    """This profile stands for another that was merged into it."""

    subject: PupilId
    merge: uuid.UUID
    merged: uuid.UUID


@event("registry.pupil.unmerged", version=1)
class PupilUnmerged(Event, frozen=True, kw_only=True):
    """This profile stands for itself again: the merge was taken back."""

    subject: PupilId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.pupil.gave_back", version=1)
class PupilGaveBack(Event, frozen=True, kw_only=True):
    """This profile gave back what it had taken over from another."""

    subject: PupilId
    merge: uuid.UUID
    merged: uuid.UUID
