"""`python -m aikom.country [PUPILS]`: what `make country` runs; starts the embedded cluster first."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")


def main() -> int:
    """Make the country. 0 when done, 1 with the reason otherwise."""
    from aikom.settings.env import VAR
    from kernel.embedded import postgres
    from kernel.embedded.place import CannotStart

    if "COUNTRY_DATABASE_URL" not in os.environ or "DATABASE_URL" not in os.environ:
        try:
            postgres.start(VAR)
        except CannotStart as refusal:
            sys.stderr.write(f"{refusal}\n")
            return 1
    django.setup()
    from django.core.management import CommandError, call_command

    try:
        call_command("make_country", pupils=int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000)
    except (CommandError, ValueError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
