"""`python -m kernel.embedded start|stop|status|wipe [--test]`: the embedded servers by hand."""

import argparse
import os
import sys
from pathlib import Path

from kernel.embedded import postgres, valkey
from kernel.embedded.place import CannotStart

VAR = Path(os.environ.get("AIKOM_VAR", Path(__file__).resolve().parents[2] / "var"))


def main() -> int:
    """Do one thing to both servers. 0 when done; `status`: 0 when both run, 3 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m kernel.embedded", description=__doc__)
    parser.add_argument("what", choices=["start", "stop", "status", "wipe"])
    parser.add_argument("--test", action="store_true", help="the servers of the test suite")
    asked = parser.parse_args()
    running = True
    for server in (postgres, valkey):
        name = server.__name__.rpartition(".")[2]
        if asked.what == "status":
            alive = server.is_running(VAR, test=asked.test)
            running = running and alive
            print(f"{name:9} {'running' if alive else 'stopped'}")
        else:
            try:
                getattr(server, asked.what)(VAR, test=asked.test)
            except CannotStart as refusal:
                print(refusal, file=sys.stderr)
                return 1
    if asked.what in {"start", "status"} and running:
        print(f"DATABASE_URL={postgres.url(VAR, postgres.DATABASE, test=asked.test)}")
        print(f"CELERY_BROKER_URL={valkey.url(VAR, test=asked.test)}")
    return 0 if running else 3


if __name__ == "__main__":
    sys.exit(main())
