"""A developer's or newcomer's machine: `make demo`. Synthetic people only."""

import os
from importlib.util import find_spec

from aikom.settings.base import *  # noqa: F403
from aikom.settings.base import INSTALLED_APPS, SIGNATURES_DEMO_DIR

DEBUG = False  # tracebacks in the page hide how the product behaves; the console has them
SECRET_KEY = "dev-only-" + "not-a-secret-" * 4
ALLOWED_HOSTS = ["*"]
SIGNATURES_TRUST_DEMO_AUTHORITY = True
SYNTHETIC_DATA = True
UI_STRICT = False  # people look at the demo: a mistake of a page is logged there, tests raise it

# Keeps <app>/migrations/max_migration.txt: two branches that add a migration clash in git.
if find_spec("django_linear_migrations"):
    INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations"]

# The supervisor starts a provider of identity about the demo's people (aikom.demo.id_gov_ua) and
# names its port; its key files are made by that process.
if "DEMO_ISEI_PORT" in os.environ:
    ISEI_ADDRESS = f"http://localhost:{os.environ['DEMO_ISEI_PORT']}"
    ISEI_CLIENT_ID, ISEI_CLIENT_SECRET = "aikom-demo", "demo"
    ISEI_REDIRECT_BASE = ""
    ISEI_AUTH_TYPES = ["dig_sign"]
    ISEI_CERTIFICATE = str(SIGNATURES_DEMO_DIR / "isei" / "aikom.cer")
    ISEI_KEY = str(SIGNATURES_DEMO_DIR / "isei" / "aikom.p12")
    ISEI_KEY_PASSWORD = "demo"
    ISEI_PARTNER_CERTIFICATES = str(SIGNATURES_DEMO_DIR / "isei" / "isei.pem")
