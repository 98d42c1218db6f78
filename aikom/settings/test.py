"""The test suite: real PostgreSQL (own cluster), real triggers, no network."""

from aikom.settings.base import *  # noqa: F403
from aikom.settings.base import STORAGES

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
WHITENOISE_USE_FINDERS = True
