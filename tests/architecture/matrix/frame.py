"""Rows of the frame, health, figures and the pages of problem codes."""

from __future__ import annotations

from tests.architecture.matrix import EVERYBODY, Row, with_

ROWS = {
    "healthz": Row(public=True),
    # Closed by a token, not by a role: without one it is as if it were not there.
    "metrics": Row(absent=EVERYBODY, token=True),
    "problem_list": Row(public=True),
    "problem": Row(with_(code="not_found"), public=True),
    "home": Row(opens=EVERYBODY),
    "ui_account": Row(public=True),
    "ui_offline": Row(public=True),
    "ui_gallery": Row(public=True),
    "help": Row(public=True, query="?q=наказ"),
    "help_guide": Row(with_(slug="enrol"), public=True),
    "help_questions": Row(public=True),
    "help_support": Row(public=True),
}
