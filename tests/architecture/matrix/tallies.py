"""Rows of what authorities look after: the institutions behind a number, as a page and as a file."""

from __future__ import annotations

from tests.architecture.matrix import Row, all_but, with_

_SCHOOLS = "olena petro nina dana"
ROWS = {
    "concern": Row(with_(code="no_head"), opens=all_but(_SCHOOLS), refused=_SCHOOLS),
    "places": Row(opens=all_but(_SCHOOLS), refused=_SCHOOLS),
    "places_suggest": Row(opens=all_but(_SCHOOLS), refused=_SCHOOLS),
}
