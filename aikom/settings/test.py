"""The test suite: real PostgreSQL (own cluster), real triggers, no network."""

import os

from aikom.settings import env
from aikom.settings.base import *  # noqa: F403
from aikom.settings.base import DATABASES, INSTALLED_APPS, MIDDLEWARE, STORAGES, VAR
from kernel.embedded import postgres, valkey

# The suite keeps a cluster of its own beside the demo's (tests/kit/database.py starts it).
if "DATABASE_URL" not in os.environ:
    DATABASES["default"] |= env.database(postgres.url(VAR, "aikom", test=True))
if "CELERY_BROKER_URL" not in os.environ:
    CELERY_BROKER_URL = valkey.url(VAR, test=True)

# A busy machine is slow and still right: only a test of the limits themselves sets the product's.
DATABASES["default"]["OPTIONS"] |= {
    "options": "-c statement_timeout=300s -c lock_timeout=120s"
    " -c idle_in_transaction_session_timeout=600s"
}

SECRET_KEY = "test-only"
ALLOWED_HOSTS = ["*"]
SIGNATURES_TRUST_DEMO_AUTHORITY = True
SYNTHETIC_DATA = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Tests ask pages for words as they are written; tests/kernel/test_typography.py sets their spaces.
MIDDLEWARE = [one for one in MIDDLEWARE if one != "kernel.middleware.Typography"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # bundles may be built after the server began

# Only `make check` asks them: one line of migrations, and no schema change that locks a table.
INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations", "django_migration_linter"]
