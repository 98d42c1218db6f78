"""Tables of the room: the tree, people, grants, invitations, sign-in."""

from accounts.models.grants import Grant, Invitation, NameMismatch
from accounts.models.people import User
from accounts.models.signin import Challenge, SignInAttempt, UserSession
from accounts.models.units import OrgUnit, UnitPlacement

__all__ = [
    "Challenge",
    "Grant",
    "Invitation",
    "NameMismatch",
    "OrgUnit",
    "SignInAttempt",
    "UnitPlacement",
    "User",
    "UserSession",
]
