"""A developer's or newcomer's machine: `make demo`. Synthetic people only."""

from importlib.util import find_spec

from aikom.settings.base import *  # noqa: F403
from aikom.settings.base import INSTALLED_APPS

DEBUG = False  # tracebacks in the page hide how the product behaves; the console has them
SECRET_KEY = "dev-only-" + "not-a-secret-" * 4
ALLOWED_HOSTS = ["*"]
SIGNATURES_TRUST_DEMO_AUTHORITY = True
SYNTHETIC_DATA = True

# Keeps <app>/migrations/max_migration.txt: two branches that add a migration clash in git.
if find_spec("django_linear_migrations"):
    INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations"]
