"""`python -m kernel.ui.build`: bring the portal's fonts and scripts into `kernel/ui/static/built/` (git-ignored)."""

import sys
from pathlib import Path

from kernel import frontend

HERE = Path(__file__).resolve().parent
PROJECT = HERE / "frontend"
OUT = HERE / "static" / "built"
SCRIPTS = HERE / "static" / "ui" / "js"


def build(*, force: bool = False) -> bool:
    """Build unless nothing changed; answers whether anything was built.

    Raises:
        kernel.frontend.BuildFailed: npm or the script failed.
    """
    return frontend.build(PROJECT, OUT, also=[SCRIPTS], force=force)


if __name__ == "__main__":
    try:
        done = build(force="--force" in sys.argv[1:])
    except frontend.BuildFailed as failure:
        sys.exit(str(failure))
    sys.stdout.write(f"kernel/ui/static/built: {'built' if done else 'up to date'}\n")
