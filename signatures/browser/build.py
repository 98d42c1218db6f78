"""Build the signing bundle: `python -m signatures.browser.build [--force]`.

Takes milliseconds when nothing changed, so set-up, `make demo` and the tests call it every time.
"""

import sys
from pathlib import Path

from kernel import frontend

PROJECT = Path(__file__).resolve().parent
BUILT = PROJECT.parent / "static" / "signatures" / "built"


def build(*, force: bool = False) -> bool:
    """Bring the bundle up to date; True when there was something to do.

    Raises:
        kernel.frontend.BuildFailed: npm or esbuild refused; its words are in the error.
    """
    return frontend.build(PROJECT, BUILT, force=force)


if __name__ == "__main__":
    raise SystemExit(frontend.main([str(PROJECT), str(BUILT), *sys.argv[1:]]))
