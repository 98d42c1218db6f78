"""`python -m tests.bench [prefix]`: run the measurements whose name starts with the prefix."""

import importlib
import os
import sys
import traceback
from pathlib import Path

from aikom.settings.env import VAR
from kernel.embedded import postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")


def main() -> int:
    """0 when every measurement ran; otherwise how many did not."""
    ours = "DATABASE_URL" not in os.environ and not postgres.is_running(VAR)
    if ours:
        postgres.start(VAR)
    try:
        return measure(sys.argv[1] if len(sys.argv) > 1 else "")
    finally:
        if ours:
            postgres.stop(VAR)


def measure(only: str) -> int:
    """Run every measurement whose name starts with `only`; how many broke."""
    import django

    from tests import bench

    django.setup()
    broken = 0
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        prefix = path.stem.removeprefix("bench_")
        # A module may be left out by its prefix alone, before it prepares anything.
        if only and not (prefix.startswith(only.split(".")[0]) or only.startswith(prefix)):
            continue
        importlib.import_module(f"tests.bench.{path.stem}")
    wanted = [found for found in bench.BENCHES if found.name.startswith(only)]
    if not wanted:
        sys.stderr.write(f"no measurement is called {only}*\n")
        return 1
    for found in wanted:
        try:
            told = found.measure()
            for result in [told] if isinstance(told, bench.Result) else told:
                print(bench.line(found, result), flush=True)
        except Exception:
            broken += 1
            sys.stderr.write(f"{found.name} did not run:\n{traceback.format_exc()}\n")
    return broken


if __name__ == "__main__":
    sys.exit(main())
