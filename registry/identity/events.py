"""What happens to the identity of children and of members of staff."""

from __future__ import annotations

import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event
from registry.people.events import PupilId

Doubts = Annotated[str, Subject("registry.duplicate")]
EmployeeId = Annotated[uuid.UUID, Subject("registry.employee")]


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


@event("registry.pupil.unmerge_asked", version=1)
class UnmergeAsked(Event, frozen=True, kw_only=True):
    """Somebody says that this profile was merged by mistake; another person will decide."""

    subject: PupilId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.pupil.unmerge_refused", version=1)
class UnmergeRefused(Event, frozen=True, kw_only=True):
    """The merge of this profile stays as it is."""

    subject: PupilId
    merge: uuid.UUID
    retained: uuid.UUID


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


@event("registry.duplicate.sought", version=1)
class DuplicatesSought(Event, frozen=True, kw_only=True):
    """Children whose data changed were compared with the whole register."""

    subject: Doubts = ""
    children: int
    found: int


@event("registry.duplicate.placed", version=1)
class DuplicatesPlaced(Event, frozen=True, kw_only=True):
    """Doubts about two profiles stand where their children are reached today."""

    subject: Doubts = ""
    moved: int


@event("registry.duplicate.taken", version=1)
class DoubtTaken(Event, frozen=True, kw_only=True):
    """Somebody looks into whether two profiles are one child."""

    subject: Doubts


@event("registry.duplicate.said", version=1)
class DoubtSaid(Event, frozen=True, kw_only=True):
    """The school of one of the children says why they are two; the authority decides."""

    subject: Doubts


@event("registry.duplicate.settled", version=1)
class DoubtSettledAs(Event, frozen=True, kw_only=True):
    """The two profiles are two children."""

    subject: Doubts
    state: str


@event("registry.employee.merge_asked", version=1)
class StaffMergeAsked(Event, frozen=True, kw_only=True):
    """Somebody says that this member of staff and another are one; another person will decide."""

    subject: EmployeeId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.employee.merge_rejected", version=1)
class StaffMergeRejected(Event, frozen=True, kw_only=True):
    """The two profiles stay two."""

    subject: EmployeeId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.employee.merged", version=1)
class StaffMerged(Event, frozen=True, kw_only=True):
    """This profile of a member of staff was merged into another, which stands for both."""

    subject: EmployeeId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.employee.took_over", version=1)
class StaffTookOver(Event, frozen=True, kw_only=True):
    """This profile of a member of staff stands for another that was merged into it."""

    subject: EmployeeId
    merge: uuid.UUID
    merged: uuid.UUID


@event("registry.employee.unmerge_asked", version=1)
class StaffUnmergeAsked(Event, frozen=True, kw_only=True):
    """Somebody says that this profile was merged by mistake; another person will decide."""

    subject: EmployeeId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.employee.unmerge_refused", version=1)
class StaffUnmergeRefused(Event, frozen=True, kw_only=True):
    """The merge of this profile stays as it is."""

    subject: EmployeeId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.employee.unmerged", version=1)
class StaffUnmerged(Event, frozen=True, kw_only=True):
    """This profile stands for itself again: the merge was taken back."""

    subject: EmployeeId
    merge: uuid.UUID
    retained: uuid.UUID


@event("registry.employee.gave_back", version=1)
class StaffGaveBack(Event, frozen=True, kw_only=True):
    """This profile gave back what it had taken over from another."""

    subject: EmployeeId
    merge: uuid.UUID
    merged: uuid.UUID
