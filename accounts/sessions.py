"""Browser sessions in the database, as Django keeps them, read together with the visit opened in
them: every request of every page asks for both, by one prepared statement."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db

from accounts.models import UserSession
from accounts.selectors import visits
from kernel.clock import moment


class SessionStore(db.SessionStore):
    """Django's own store; only how a session is found differs."""

    _visits: tuple[UserSession, ...] = ()

    def load(self) -> dict[str, Any]:
        key = self.session_key
        found = visits.with_session(key, moment().now) if key else None
        if found is None:
            self._session_key = None
            return {}
        stored, opened = found
        self._visits = tuple(opened)
        return self.decode(stored)

    def visit(self) -> UserSession | None:
        """The visit that this session names, when it was opened in this very session."""
        named = self.get("user_session_id")
        return next((one for one in self._visits if one.pk == named), None)
