"""Refusals about merging profiles."""

from __future__ import annotations

from kernel.errors import DomainError, Invalid, NotAllowed


class MergesNoProfiles(NotAllowed):
    """Whether two profiles are one child is the authority's to decide."""

    code = "merges_no_profiles"
    title = "Профілі обʼєднує орган управління освітою, якому підпорядковані обидва заклади"


class AskedByYourself(NotAllowed):
    """A merge, and its undoing, is decided by another person than the one who asked for it."""

    code = "asked_by_yourself"
    title = "Рішення ухвалює інша особа, не та, що про нього попросила"


class CannotMerge(Invalid):
    """The two profiles cannot be merged as they are; every reason is told at once."""

    code = "cannot_merge"
    http_status = 409
    title = "Ці профілі обʼєднати не можна"


class CannotUnmerge(Invalid):
    """The register has moved on since the merge; every reason is told at once."""

    code = "cannot_unmerge"
    http_status = 409
    title = "Це обʼєднання скасувати вже не можна"


class MergeDecided(DomainError):
    """The merge was confirmed, rejected or taken back meanwhile."""

    code = "merge_decided"
    title = "Це обʼєднання вже вирішено"


class LooksIntoNoDoubts(NotAllowed):
    """A doubt about two profiles is for who answers for both children."""

    code = "looks_into_no_doubts"
    title = "Можливі дублікати розглядає орган, якому підпорядковані обидва заклади, або сам заклад"


class DoubtSettled(DomainError):
    """The two profiles are one child already, or were told apart."""

    code = "doubt_settled"
    title = "Щодо цих двох профілів уже вирішено"
