"""The long fuzz run: `python -m tests.signatures.fuzz.run --seconds 600` (`make fuzz`).

Any exception, an input slower than ten seconds or memory grown by 200 MB is a finding: the input
is kept in `corpus/` and the run ends with 1.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import sys
import time
import traceback

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.test")

import django

SLOW_SECONDS = 10.0
GROWTH_KB = 200 * 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", default=str(time.time_ns()))
    asked = parser.parse_args()
    django.setup()
    import logging

    from tests.signatures.fuzz import targets

    logging.disable(logging.CRITICAL)
    dice = random.Random(asked.seed)
    for target in targets.TARGETS:  # tables, caches and modules before memory is measured
        for seed in targets.seeds():
            target(seed)
    began, base = time.monotonic(), _peak()
    runs = findings = 0
    slowest = 0.0
    while time.monotonic() - began < asked.seconds:
        data = targets.spoil(dice.choice(targets.seeds()), dice)
        target = dice.choice(targets.TARGETS)
        start = time.process_time()
        try:
            target(data)
        except Exception:
            traceback.print_exc()
            findings += _keep(targets.CORPUS, data, "raised")
        spent = time.process_time() - start
        slowest = max(slowest, spent)
        if spent > SLOW_SECONDS:
            findings += _keep(targets.CORPUS, data, "slow")
        runs += 1
        if _peak() - base > GROWTH_KB:
            findings += _keep(targets.CORPUS, data, "memory")
            break
    report = {
        "seconds": round(time.monotonic() - began),
        "runs": runs,
        "findings": findings,
        "slowest_ms": round(slowest * 1000),
        "memory_growth_mb": round((_peak() - base) / 1024),
        "seed": asked.seed,
    }
    sys.stdout.write(json.dumps(report) + "\n")
    return 1 if findings else 0


def _peak() -> int:
    """The most memory this process ever held, KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _keep(folder: object, data: bytes, why: str) -> int:
    from pathlib import Path

    name = f"{why}-{hashlib.sha256(data).hexdigest()[:16]}"
    path = Path(str(folder)) / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    sys.stdout.write(f"finding: {path}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
