"""A developer's or newcomer's machine: `make demo`. Synthetic people only."""

from aikom.settings.base import *  # noqa: F403

DEBUG = False  # tracebacks in the page hide how the product behaves; the console has them
SECRET_KEY = "dev-only-" + "not-a-secret-" * 4
ALLOWED_HOSTS = ["*"]
SIGNATURES_TRUST_DEMO_AUTHORITY = True
SYNTHETIC_DATA = True
