"""Rows of the door and of «Управління користувачами»."""

from __future__ import annotations

from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, all_but, with_

MANAGERS = "admin iryna taras bohdan hanna olena petro nina"
NO_MANAGERS = "maria dana"
ABOVE_OLENA = "admin iryna bohdan"
olena = with_(uid=lambda w: w.grants["olena"].uid)
dana = with_(uid=lambda w: w.grants["dana"].uid)


def of_olena(**changes: str) -> Row:
    """A page about Olena's grant: for those above her; a 404 to other managers."""
    return Row(
        olena,
        opens=ABOVE_OLENA,
        absent=all_but(ABOVE_OLENA, NO_MANAGERS),
        refused=NO_MANAGERS,
        **changes,  # type: ignore[arg-type]
    )


ROWS = {
    "sign_in": Row(public=True),
    "provider": Row(public=True),
    "provider_back": Row(public=True),
    "invitation": Row(with_(token="unknown"), public=True),
    "sign_out": Row(opens=EVERYBODY, method="POST"),
    "choose_grant": Row(opens=EVERYBODY),
    "my_visits": Row(opens=EVERYBODY),
    "users": Row(opens=MANAGERS, refused=NO_MANAGERS),
    "users_resend": Row(opens=MANAGERS, refused=NO_MANAGERS, method="POST"),
    "unit_move": Row(opens="admin iryna taras", refused="bohdan hanna olena petro nina maria dana"),
    "waves": Row(opens="admin", refused=all_but("admin")),
    "wave_new": Row(opens="admin", refused=all_but("admin")),
    "wave_edit": Row(with_(pk=NOWHERE), absent="admin", refused=all_but("admin")),
    "wave_withdraw": Row(
        with_(pk=NOWHERE), method="POST", absent="admin", refused=all_but("admin")
    ),
    "wave_remind": Row(with_(pk=NOWHERE), method="POST", absent="admin", refused=all_but("admin")),
    "user_new_administrator": Row(
        opens="admin iryna bohdan hanna taras", refused="olena petro nina maria dana"
    ),
    "user_new_head": Row(opens=MANAGERS, refused=NO_MANAGERS),
    "user_new_heads": Row(opens=MANAGERS, refused=NO_MANAGERS),
    "user_new_deputy": Row(
        opens="olena petro nina", refused="admin iryna taras bohdan hanna maria dana"
    ),
    "user": of_olena(),
    "user_suspend": of_olena(),
    "user_restore": of_olena(),
    "user_deactivate": of_olena(),
    "user_withdraw": of_olena(),
    "user_successor": of_olena(),
    "user_resend": of_olena(),
    "user_accept_name": Row(
        olena,
        method="POST",
        opens=ABOVE_OLENA,
        absent="taras hanna petro nina",
        refused="olena maria dana",
    ),
    # A deputy is the head's alone: no authority sees or touches them.
    "user_duties": Row(
        dana,
        opens="olena",
        absent="admin iryna taras bohdan hanna petro nina",
        refused=NO_MANAGERS,
    ),
}
