"""What announcements may refuse."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed


class NotYoursToAnnounce(NotAllowed):
    """The actor has nobody below, or another level sent it."""

    code = "not_yours_to_announce"
    title = "Надіслати оголошення може лише рівень, що має підпорядкованих"


class NobodyToTell(DomainError):
    """Nobody of these roles works there now."""

    code = "nobody_to_tell"
    title = "Немає кому надіслати"


class AnnouncementWithdrawn(DomainError):
    """It was withdrawn: nothing more is asked about it."""

    code = "announcement_withdrawn"
    title = "Оголошення відкликано"


class RemindedAlready(DomainError):
    """A reminder went out less than a day ago, or everybody has answered."""

    code = "reminded_already"
    title = "Нагадування зараз не потрібне"
