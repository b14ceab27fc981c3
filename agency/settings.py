"""One settings file for every place; each difference comes from the environment (see .env.example)."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from agency.environment import (
    embedded_database,
    embedded_secrets,
    mailer,
    private_file,
    read,
    required,
    running_sandbox,
    vendor_url,
)

BASE_DIR = Path(__file__).resolve().parent.parent
env = read(BASE_DIR / ".env")

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).expanduser()
DATABASE_URL = env.str("DATABASE_URL", default="")
EMBEDDED_DATABASE = not DATABASE_URL or DATABASE_URL.startswith("sqlite")
DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = env.bool("PRODUCTION", default=not EMBEDDED_DATABASE)

_given = env.str("SECRET_KEY", default="") and env.str("CREDENTIAL_KEYS", default="")
_makes_its_own = EMBEDDED_DATABASE and not _given
_embedded = embedded_secrets(DATA_DIR, embedded_database(DATA_DIR, DATABASE_URL)) if _makes_its_own else {}
_because = "With a database server it must be given: see .env.example for how to make one."
SECRET_KEY = required(env, "SECRET_KEY", embedded=_embedded, because=_because)
CREDENTIAL_KEYS = [
    key.strip() for key in required(env, "CREDENTIAL_KEYS", embedded=_embedded, because=_because).split(",") if key.strip()
]

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")

INSTALLED_APPS = [
    "agency",
    "clients",
    "reports",
    "django_htmx",
    "axes",
    "lucide",
    "agency.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its widgets' templates, found by FORM_RENDERER below
]

MIDDLEWARE = [
    "agency.incoming.ForwardedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "agency.incoming.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "agency.access.MembershipMiddleware",
    "axes.middleware.AxesMiddleware",
    "agency.views.refused.MethodMiddleware",
]

ROOT_URLCONF = "agency.urls"
WSGI_APPLICATION = "agency.wsgi.application"
FORM_RENDERER = "agency.forms.FormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "agency.pages.frame",
            ],
        },
    },
]

# ---- Database: SQLite by itself, PostgreSQL where DATABASE_URL says so

if EMBEDDED_DATABASE:
    _path = embedded_database(DATA_DIR, DATABASE_URL)
    DATABASES: dict[str, dict[str, Any]] = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(_path) if DATABASE_URL else private_file(_path),
            # WAL lets pages read while a sync writes; immediate transactions wait for their turn instead of failing halfway.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-16000;",
            },
        },
    }
elif DATABASE_URL.startswith(("postgres://", "postgresql://", "psql://")):
    _database = env.db_url_config(DATABASE_URL)
    _database["CONN_HEALTH_CHECKS"] = True
    _database.setdefault("OPTIONS", {})
    # A pool only where many threads of one process ask for connections; commands and workers close theirs.
    if pool := env.int("DATABASE_POOL", default=0):
        _database["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    else:
        _database["CONN_MAX_AGE"] = 60
    _database["OPTIONS"].setdefault("connect_timeout", 10)
    DATABASES = {"default": _database}
else:
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")

# ---- Queue: the database says what is due; a broker, where there is one, says it sooner

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
EMBEDDED_QUEUE = not CELERY_BROKER_URL
QUEUE_PREFIX = env.str("QUEUE_PREFIX", default="inboxdeck-")
DISPATCH_SECONDS = env.float("DISPATCH_SECONDS", default=1.0 if EMBEDDED_QUEUE else 5.0)
EVENT_DAYS = max(0, env.int("EVENT_DAYS", default=90))
SYNC_MINUTES = env.int("SYNC_MINUTES", default=15)
WORKER_THREADS = env.int("WORKER_THREADS", default=8)

# ---- Vendors

# Each vendor's own address and pace stand in its class; `clients.apps` puts here what <SLUG>_URL and <SLUG>_RATE say instead.
# The demo's vendors: keys that begin with sandbox- are asked there, all others at the real addresses.
SANDBOX_URL = vendor_url(env, "SANDBOX_URL", running_sandbox(DATA_DIR / "run"), loopback_only=True)

# ---- Who signs in, and how

AUTH_USER_MODEL = "agency.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "agency.backends.MemberBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
CSRF_FAILURE_VIEW = "agency.views.refused.csrf_failed"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = env.int("SIGN_IN_TRIES", default=8)
# An office shares one address: its people's slips together must not lock everybody out.
SIGN_IN_ADDRESS_TRIES = env.int("SIGN_IN_ADDRESS_TRIES", default=60)
AXES_HANDLER = "agency.locking.Handler"
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "agency.accounts.tried_name"
AXES_CLIENT_IP_CALLABLE = "agency.access.client_address"
AXES_LOCKOUT_CALLABLE = "agency.views.account.locked_out"
# Its reset would also forgive what was tried against others from the same address: agency.accounts.forgive does it better.
AXES_RESET_ON_SUCCESS = False
# The page says until when: trying meanwhile must not move it.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

MAILERS = {"default": mailer(env)}
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Inboxdeck <inboxdeck@localhost>")

# ---- Safety

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
# Who asks whether it lives asks this machine itself, by plain http.
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6_000  # a change of 5,000 ticked senders

# ---- The rest

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "agency.assets.PackageFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": env.str("STATIC_STORAGE", default="whitenoise.storage.CompressedManifestStaticFilesStorage")},
}
WHITENOISE_MAX_AGE = 3600
WHITENOISE_USE_FINDERS = DEBUG
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")
DEMO_EVENT_DAYS = env.int("DEMO_EVENT_DAYS", default=0)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "agency.logs.LineFormatter", "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"refusals": {"()": "agency.logs.Refusals"}, "sender": {"()": "agency.logs.Sender"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # httpx and httpcore name each request's address and headers at DEBUG: never.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # A line for each message taken and done; the runs themselves are rows.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # A line for each look at what is due, every few seconds.
        "celery.beat": {"level": "WARNING"},
        "django": {"handlers": [], "level": "INFO"},
        "django.request": {"filters": ["refusals"]},
        **{
            f"django.security.{name}": {"filters": ["sender"]}
            for name in ("DisallowedHost", "RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent")
        },
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
