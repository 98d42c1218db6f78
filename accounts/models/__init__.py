"""Tables of the room: the tree, people, grants, invitations, sign-in."""

from accounts.models.grants import Grant, Invitation
from accounts.models.people import User
from accounts.models.signin import Challenge, UserSession
from accounts.models.units import OrgUnit

__all__ = ["Challenge", "Grant", "Invitation", "OrgUnit", "User", "UserSession"]
