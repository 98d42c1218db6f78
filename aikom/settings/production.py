"""Servers. Refuses to start while anything here is unsafe, and says everything at once.

Read: SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL, CELERY_BROKER_URL, EMAIL_URL, METRICS_TOKEN,
CSRF_TRUSTED_ORIGINS, TRUSTED_PROXY, SERVER_EMAIL_FROM (docs/how-to/run-on-servers.md tells each).
"""

import os
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from aikom.settings import base, env, logs
from aikom.settings.base import *  # noqa: F403
from aikom.settings.base import DATABASES, MIDDLEWARE

SHORTEST_SECRET = 50  # characters, as Django's own deployment check
problems: list[str] = []


def refuse(when: object, problem: str) -> None:
    """Note a problem, when there is one."""
    if when:
        problems.append(problem)


def words(name: str) -> list[str]:
    """A comma-separated variable without its empty parts."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


# ── what must be told ────────────────────────────────────────────────────────
SECRET_KEY = os.environ.get("SECRET_KEY", "")
refuse(not SECRET_KEY, "SECRET_KEY is not set")
refuse(
    SECRET_KEY and (len(SECRET_KEY) < SHORTEST_SECRET or len(set(SECRET_KEY)) < 10),
    f"SECRET_KEY is guessable: {SHORTEST_SECRET} or more random characters are needed",
)
refuse(
    any(
        mark in SECRET_KEY.lower()
        for mark in ("dev-only", "insecure", "change", "secret", "test-only")
    ),
    "SECRET_KEY is a default or an example",
)

ALLOWED_HOSTS = words("ALLOWED_HOSTS")
refuse(not ALLOWED_HOSTS, "ALLOWED_HOSTS is not set: the names this site is reached by")
refuse("*" in ALLOWED_HOSTS, "ALLOWED_HOSTS=* lets anybody forge the site's name")

refuse(
    "DATABASE_URL" not in os.environ,
    "DATABASE_URL is not set: the embedded PostgreSQL is for one machine",
)
refuse(
    "CELERY_BROKER_URL" not in os.environ,
    "CELERY_BROKER_URL is not set: the embedded broker is for one machine",
)

# ── what must not be ─────────────────────────────────────────────────────────
DEBUG = False
UI_STRICT = False  # a wrong component option is logged; the page is drawn with the first choice
for name, danger in (
    ("DEBUG", "DEBUG shows code and data to strangers"),
    (
        "SIGNATURES_TRUST_DEMO_AUTHORITY",
        "the demo authority signs keys of invented people: anybody could enter",
    ),
    ("SYNTHETIC_DATA", "SYNTHETIC_DATA marks invented people"),
):
    try:
        refuse(env.flag(name, default=bool(getattr(base, name, False))), f"{name} is on: {danger}")
    except ValueError as wrong:
        problems.append(str(wrong))

refuse(
    base.ISEI_CLIENT_ID and not base.ISEI_ADDRESS.startswith("https://"),
    "ISEI_ADDRESS is not https://: a provider of invented people would open this door",
)

if problems:
    raise ImproperlyConfigured(
        "aikom.settings.production refuses to start:\n" + "\n".join(f"  • {p}" for p in problems)
    )

# ── the way in ───────────────────────────────────────────────────────────────
SECURE_SSL_REDIRECT = True
# Probes and the collector of figures come from inside, past the proxy that ends TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-aikom_session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-aikom_csrf"
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS") or [
    f"https://{host.replace('.', '*.', 1) if host.startswith('.') else host}"
    for host in ALLOWED_HOSTS
]
# Only behind a proxy that sets and strips the header may it be believed.
if env.flag("TRUSTED_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ── data ─────────────────────────────────────────────────────────────────────
DATABASES["default"]["OPTIONS"] |= {"connect_timeout": 5}
if urlsplit(os.environ["DATABASE_URL"]).hostname not in {None, "localhost", "127.0.0.1", "::1"}:
    DATABASES["default"]["OPTIONS"] |= {"sslmode": os.environ.get("DATABASE_SSLMODE", "prefer")}

# ── letters ──────────────────────────────────────────────────────────────────
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
_mail = urlsplit(os.environ.get("EMAIL_URL", "smtp://localhost:25"))
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp+tls", _mail.scheme == "smtps"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get(
    "SERVER_EMAIL_FROM", f"АІКОМ <no-reply@{ALLOWED_HOSTS[0].lstrip('.')}>"
)

# ── what operators see ───────────────────────────────────────────────────────
LOGGING = logs.as_json(os.environ.get("LOG_LEVEL", "INFO"))
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
MIDDLEWARE = ["aikom.metrics.Measure", *MIDDLEWARE]
