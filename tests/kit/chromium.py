"""Finding the Chromium that browser tests drive.

CHROMIUM (a path), then a Chromium or Chrome of the system, then the one that `make setup-browser`
takes from a registry package when the system has none.
"""

import os
import shutil
from pathlib import Path

from django.conf import settings

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
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
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return packaged() if os.access(packaged(), os.X_OK) else None
