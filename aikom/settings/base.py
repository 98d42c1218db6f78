"""What every environment shares. Environments differ only in dev.py, test.py and production.py."""

import os
from collections.abc import MutableMapping
from pathlib import Path

from kombu import Queue

from aikom.settings import env
from kernel import jobs

env.refuse_unknown()

BASE_DIR = env.ROOT
VAR = env.VAR

# ── what is installed ────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "kernel.audit",
    "kernel.once",
    "kernel.ui",
    "accounts",
    "signatures",
    "registry",
    "journals",
    "integrations.eis",
    "integrations.isei",
    "integrations.trembita",
    "integrations.sandbox",
    "reports",
    "aikom.demo",
    "django_htmx",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "aikom",  # last: its ready() wires the ports of all rooms
]
ROOT_URLCONF = "aikom.urls"
WSGI_APPLICATION = "aikom.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Order matters: RefusalPages must see what views raise; ReadsOnlyRead is innermost, so that
# sessions (outside it) may still save on a GET.
MIDDLEWARE = [
    "kernel.shortened.Compressed",
    "kernel.middleware.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kernel.middleware.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kernel.middleware.Typography",
    "accounts.middleware.ActorMiddleware",
    "kernel.middleware.RefusalPages",
    "registry.tallies.lens.Lens",
    "kernel.middleware.ReadsOnlyRead",
]

# ── data ─────────────────────────────────────────────────────────────────────
# Without DATABASE_URL the embedded cluster is used: its socket folder is found by the launcher.
if "DATABASE_URL" in os.environ:
    DATABASES = {"default": env.database(os.environ["DATABASE_URL"])}
else:
    from kernel.embedded import postgres

    DATABASES = {"default": env.database(postgres.url(VAR, "aikom"))}
# The sandbox of systems is another process over another database, whose name nobody can give to the
# register: it ends so only here (ADR 0076).
SANDBOX = env.flag("AIKOM_SANDBOX", default=False)
# Where systems reach it, and where the register does; empty: there is none.
SANDBOX_ADDRESS = os.environ.get("AIKOM_SANDBOX_ADDRESS", "").rstrip("/")
SANDBOX_INTERNAL_ADDRESS = os.environ.get("AIKOM_SANDBOX_INTERNAL_ADDRESS", SANDBOX_ADDRESS).rstrip(
    "/"
)
if SANDBOX:
    ROOT_URLCONF = "aikom.sandbox_urls"
    MIDDLEWARE.insert(-1, "integrations.sandbox.recorder.Recorder")
    DATABASES["default"]["NAME"] += env.OF_SANDBOX
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Nobody waits for a busy row or a runaway statement longer than a person does for a page.
DATABASE_LIMITS = (
    "-c statement_timeout=15s -c lock_timeout=2500ms -c idle_in_transaction_session_timeout=30s"
)
DATABASES["default"]["OPTIONS"] = {
    "server_side_binding": True,  # kernel.db.prepared needs it; nothing is prepared outside that
    "options": DATABASE_LIMITS,
    "application_name": "aikom",
}
DATABASES["default"]["ATOMIC_REQUESTS"] = False  # kernel.db.command opens the one transaction
# Row and statement triggers are part of each model and of its migrations.
PGTRIGGER_INSTALL_ON_MIGRATE = False

if "CELERY_BROKER_URL" in os.environ:
    CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]
else:
    from kernel.embedded import valkey

    CELERY_BROKER_URL = valkey.url(VAR)
# Two queues: what reads much waits in its own. A worker that is told nothing serves both.
CELERY_TASK_QUEUES = [Queue(jobs.USUAL_QUEUE), Queue(jobs.COUNTING)]
CELERY_TASK_DEFAULT_QUEUE = jobs.USUAL_QUEUE
CELERY_TASK_ROUTES = {
    name: {"queue": jobs.COUNTING}
    for name in (
        "reports.generate",
        "reports.gather",
        "reports.compose_open",
        "reports.prove",
        "reports.nightly",
        "reports.put_away",
    )
}
CELERY_TASK_DEFAULT_PRIORITY = int(jobs.Priority.USUAL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "queue_order_strategy": "priority",
    "priority_steps": [int(step) for step in jobs.Priority],
}
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Europe/Kyiv"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")

# ── statistics ───────────────────────────────────────────────────────────────
# How many runs of forms a person, and all people of one node, may have under way at once.
REPORTS_MOST_OF_PERSON = env.whole("REPORTS_MOST_OF_PERSON", default=3)
REPORTS_MOST_OF_NODE = env.whole("REPORTS_MOST_OF_NODE", default=10)
# Forms of the whole country counted every night, by their codes.
REPORTS_NIGHTLY = os.environ.get("REPORTS_NIGHTLY", "ZNZ1-1").split()
# A streaming replica that figures are read from (ADR 0074), and how many seconds it may be behind.
REPORTS_REPLICA_URL = os.environ.get("REPORTS_REPLICA_URL", "")
REPORTS_REPLICA_LAG = env.whole("REPORTS_REPLICA_LAG", default=30)
REPLICA = env.database(REPORTS_REPLICA_URL) if REPORTS_REPLICA_URL else None
if REPLICA is not None:
    REPLICA |= {
        key: value
        for key, value in DATABASES["default"].items()
        if key.isupper() and key not in REPLICA
    }

# ── pages ────────────────────────────────────────────────────────────────────
TEMPLATES = [
    {
        "BACKEND": "kernel.ui.engine.Jinja2",
        "APP_DIRS": True,
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "kernel.ui.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "kernel.ui.forms.Renderer"
# A wrong component option raises; production.py turns this off and logs instead.
UI_STRICT = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", VAR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 40_000  # a pasted table of 1,000 pupils posts about 20,000 cells

LANGUAGE_CODE = "uk"
TIME_ZONE = "Europe/Kyiv"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

# ── safety ───────────────────────────────────────────────────────────────────
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "aikom_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kernel.ui.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "worker-src": ["'none'"],  # pages that sign say more: kernel.middleware.ContentPolicy
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}


def _policy_of_static(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Static files answer before any middleware could say what they may do: nothing. A worker, or
    a drawing opened by itself, takes its policy from its own answer and not from the page."""
    headers["Content-Security-Policy"] = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


WHITENOISE_ADD_HEADERS_FUNCTION = _policy_of_static
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR / "mail"
# How people reach this installation: links in letters begin with it.
SITE_ADDRESS = os.environ.get("SITE_ADDRESS", f"http://localhost:{os.environ.get('PORT', '8000')}")
# Whom people write to when nobody above them could help (page «Кого спитати»).
SUPPORT_EMAIL = os.environ.get("SUPPORT_EMAIL", "pidtrymka@aikom.example")
SUPPORT_PHONE = os.environ.get("SUPPORT_PHONE", "")
DEFAULT_FROM_EMAIL = "АІКОМ <no-reply@aikom.example>"

# ── signatures ───────────────────────────────────────────────────────────────
# The demo authority (docs/how-to/demo-keys.md) signs the keys of invented people. Only dev and
# test trust it; production.py refuses to start when this is true.
SIGNATURES_TRUST_DEMO_AUTHORITY = False
SIGNATURES_BACKEND = "signatures.backend.OwnBackend"  # docs/how-to/signature-backend.md
SIGNATURES_DEMO_DIR = VAR / "demo-keys"
# Asking OCSP, revocation lists and time-stamps: only hosts of the accepted trust list and these
# further ones ("host" or "host:port"), through this proxy if any.
SIGNATURES_EGRESS = env.flag("SIGNATURES_EGRESS", default=False)
SIGNATURES_EGRESS_HOSTS = os.environ.get("SIGNATURES_EGRESS_HOSTS", "").split()
# Where signatures are renewed (docs/signatures.md, ten years): addresses of time-stamping services,
# before the signer's own; and algorithms that stop being believed on a day, "OID=2030-01-01".
SIGNATURES_TSP = os.environ.get("SIGNATURES_TSP", "").split()
SIGNATURES_ALGORITHM_ENDS = env.days("SIGNATURES_ALGORITHM_ENDS")
SIGNATURES_EGRESS_PROXY = os.environ.get("SIGNATURES_EGRESS_PROXY", "")

# Ways to keys that are no file (docs/how-to/tokens-and-cloud-keys.md); both are off while empty.
SIGNATURES_AGENTS = os.environ.get("SIGNATURES_AGENTS", "").split()
SIGNATURES_CLOUD = os.environ.get("SIGNATURES_CLOUD", "")

# ── id.gov.ua (docs/how-to/id-gov-ua.md) ─────────────────────────────────────
# Off until the identifier that id.gov.ua gave is set; the checks of integrations.isei tell half a
# configuration.
ISEI_CLIENT_ID = os.environ.get("ISEI_CLIENT_ID", "")
ISEI_CLIENT_SECRET = os.environ.get("ISEI_CLIENT_SECRET", "")
ISEI_ADDRESS = os.environ.get("ISEI_ADDRESS", "https://id.gov.ua")
ISEI_REDIRECT_BASE = os.environ.get("ISEI_REDIRECT_BASE", "")
ISEI_AUTH_TYPES = os.environ.get("ISEI_AUTH_TYPES", "dig_sign").split()
ISEI_METHOD = os.environ.get("ISEI_METHOD", "post").lower()
ISEI_CERTIFICATE = os.environ.get("ISEI_CERTIFICATE", "")
ISEI_KEY = os.environ.get("ISEI_KEY", "")
ISEI_KEY_PASSWORD = os.environ.get("ISEI_KEY_PASSWORD", "")
ISEI_PARTNER_CERTIFICATES = os.environ.get("ISEI_PARTNER_CERTIFICATES", "")
ISEI_SIGNED_ANSWERS = env.flag("ISEI_SIGNED_ANSWERS", default=True)
ISEI_TLS_AUTHORITIES = os.environ.get("ISEI_TLS_AUTHORITIES", "")
ISEI_PROXY = os.environ.get("ISEI_PROXY", "")

# ── webhooks of school systems (integrations.eis.hooks) ──────────────────────
# Addresses "host:port" that may lie in our own network, and authorities to believe instead of the usual
# ones. No variable of the environment sets them: they are for tests, whose receivers are on this machine.
EIS_HOOK_HOSTS: frozenset[str] = frozenset()
EIS_HOOK_AUTHORITIES = ""

# ── calls of school systems (integrations.http.throttle) ─────────────────────
# In a minute, in one web process: by one key, and by all keys of one operator.
EIS_CALLS_PER_MINUTE = 60_000
EIS_OPERATOR_CALLS_PER_MINUTE = 300_000

# ── «Трембіта» (docs/how-to/trembita.md) ────────────────────────────────────
# Off until its security server and a service of somebody are named.
TREMBITA_ADDRESS = os.environ.get("TREMBITA_ADDRESS", "")
TREMBITA_CLIENT = os.environ.get("TREMBITA_CLIENT", "")
TREMBITA_NOTICES = os.environ.get("TREMBITA_NOTICES", "").split()
TREMBITA_PURPOSE = os.environ.get("TREMBITA_PURPOSE", "")
TREMBITA_TLS_AUTHORITIES = os.environ.get("TREMBITA_TLS_AUTHORITIES", "")

# ── API ──────────────────────────────────────────────────────────────────────
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "EXCEPTION_HANDLER": "kernel.problems.handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "АІКОМ API",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
# Shown in the footer and in files: everything in this installation is invented.
SYNTHETIC_DATA = False
