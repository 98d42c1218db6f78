"""`python -m aikom.deploy.migrate`: migrations and classifiers, by one process at a time.

Run before new web and worker processes start. Safe to run twice and by several hosts at once: an
advisory lock lets one through, the others then find nothing to do.
"""

import sys

import django

from aikom import prepare


def main() -> int:
    """0 when the schema and the classifiers are those of this code."""
    django.setup()
    from django.core.management import call_command

    prepare.migrate()
    call_command("load_classifiers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
