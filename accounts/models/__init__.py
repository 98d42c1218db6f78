"""Tables of the room: the tree, people, grants, invitations, sign-in."""

from accounts.announcements.models import Announcement, Receipt
from accounts.models.grants import Grant, Invitation, NameMismatch
from accounts.models.mail import PersonMail
from accounts.models.people import User
from accounts.models.signin import Challenge, SignInAttempt, UserSession
from accounts.models.units import OrgUnit, UnitPlacement
from accounts.models.waves import Wave, WaveUnit
from accounts.notices.models import Notice

__all__ = [
    "Announcement",
    "Challenge",
    "Grant",
    "Invitation",
    "NameMismatch",
    "Notice",
    "OrgUnit",
    "PersonMail",
    "Receipt",
    "SignInAttempt",
    "UnitPlacement",
    "User",
    "UserSession",
    "Wave",
    "WaveUnit",
]
