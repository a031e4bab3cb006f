"""All settings in one file, read from the environment (`docs/settings.md` lists the variables).

With nothing set the product runs on SQLite, a broker made of files and generated keys,
everything under `DATA_DIR`. With `DATABASE_URL` and `REDIS_URL` it runs on PostgreSQL and Redis.
With `PRODUCTION=1` it refuses to start on generated keys and serves cookies over HTTPS only.
"""

import base64
from datetime import time
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.hours import parse_hours
from config.keys import parse_key_ring, stored_secrets

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", False)
PRODUCTION = env.bool("PRODUCTION", False)

# --- Keys -------------------------------------------------------------------------------------
# In production a missing variable is an error, never a default: a forgotten key must not
# silently become a new one, or what was encrypted with the old one is lost.
_made = {} if PRODUCTION else stored_secrets(DATA_DIR / "secrets.json")
SECRET_KEY = env.str("SECRET_KEY", _made.get("secret_key", env.NOTSET))
FIELD_KEYS = parse_key_ring(env.str("FIELD_KEYS", _made.get("field_keys", env.NOTSET)))
BLIND_INDEX_KEY = base64.b64decode(
    env.str("BLIND_INDEX_KEY", _made.get("blind_index_key", env.NOTSET)), validate=True
)

# --- The office -------------------------------------------------------------------------------
ORGAN_NAME = env.str("ORGAN_NAME", "石景山区信访办公室")
NUMBER_PREFIX = env.str("NUMBER_PREFIX", "")  # before a petition's number
DOC_PREFIX = env.str("DOC_PREFIX", "石信")  # the issuing organ's short name in 文号
OFFICE_HOURS = env.str("OFFICE_HOURS", "08:30-17:30")  # on working days: reminders come then

# --- Apps -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_fsm",
    "agents",
    "workflow",
    "petitions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.logs.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.errors.WorkflowErrorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.office",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
if DATABASE_URL:
    DATABASES: dict[str, Any] = {"default": env.db_url_config(DATABASE_URL)}
    DATABASES["default"] |= {
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Statements prepared on the server make a step about a quarter cheaper; behind
        # pgbouncer in transaction mode set PREPARE_THRESHOLD=0, which turns them off.
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": env.int("PREPARE_THRESHOLD", 3) or None,
            # No page reads enough for compiled or parallel plans: starting them takes longer than
            # all the reading, and the cores from other requests. The timeout is for web processes
            # only (config/wsgi.py): no page is worth more, whatever is searched.
            "options": "-c jit=off -c max_parallel_workers_per_gather=0"
            f" -c statement_timeout={env.int('STATEMENT_SECONDS', 0)}s",
        },
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "db.sqlite3",
            # IMMEDIATE: with DEFERRED two writers that both began by reading cannot
            # both go on, and one fails at once instead of waiting its turn.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Broker ------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", "")
REDIS_PREFIX = env.str("REDIS_PREFIX", "xinfang")  # lets two installations share one Redis
# No shared cache: what is cached (who is who, the rules) is checked against a stamp in the
# database at each use, and a dead Redis can't hold up a page that never asks it.

# --- Notices ------------------------------------------------------------------------------------
# A channel without its address is not offered (workflow/channels).
SITE_URL = env.str("SITE_URL", "").rstrip("/")  # before the links in messages
CHANNEL_SECONDS = env.float("CHANNEL_SECONDS", 3)  # how long a channel may be silent
EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = CHANNEL_SECONDS
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "xinfang@localhost")
#: By channel: where to post to, what signs it, what an answer must contain to be a yes.
HTTP_CHANNELS = {
    name: (
        env.str(f"{name.upper()}_URL", ""),
        env.str(f"{name.upper()}_SECRET", ""),
        env.str(f"{name.upper()}_ANSWER", ""),
    )
    for name in ("sms", "messenger")
}
FILE_CHANNEL = env.bool("FILE_CHANNEL", False)
OUTBOX_DIR = DATA_DIR / "outbox"
QUIET_HOURS = parse_hours(env.str("QUIET_HOURS", "22:00-07:00"))  # None: there are none
DIGEST_AT = time.fromisoformat(env.str("DIGEST_AT", "08:30"))

# --- People and sessions ----------------------------------------------------------------------
AUTH_USER_MODEL = "agents.Cadre"
AUTHENTICATION_BACKENDS = ["agents.accounts.CadreBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
SESSION_COOKIE_AGE = 12 * 60 * 60  # a long working day, in seconds
SESSION_COOKIE_NAME = "xinfang_session"
CSRF_COOKIE_NAME = "xinfang_csrf"

# --- Language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "xinfang_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Files ------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Attachments hold personal data: never served by URL, only through a view that checks the reader.
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = ""
COLLECTED_STATIC = env.bool("COLLECTED_STATIC", PRODUCTION)
WHITENOISE_USE_FINDERS = not COLLECTED_STATIC
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns when its folder is missing, even unused
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# A request with more than this is refused before it is read; what one form takes is told there.
UPLOAD_MOST_BYTES = 300 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "petitions.quota.UploadQuota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- API --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "petitions.api.authentication.ApiToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "petitions.api.parsing.BoundedJSON",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.errors.api_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
API_TOKEN_DAYS = env.int("API_TOKEN_DAYS", 90)  # how long a program's token is taken
SPECTACULAR_SETTINGS = {
    "TITLE": "Xinfang Agency API",
    "DESCRIPTION": "Petitions handled by agency: the same rules as the pages, for programs.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Safety -----------------------------------------------------------------------------------
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the API page's style sheet carries its icons as data
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", PRODUCTION)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 3600 if PRODUCTION else 0)
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Figures for a monitoring server -------------------------------------------------------------
# `/metrics` answers whoever brings the token, and these networks when no proxy stands between.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
METRICS_NETWORKS = env.list("METRICS_NETWORKS", default=["127.0.0.0/8", "::1/128"])

# --- Logs: one JSON object a line, never a person's data ----------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # At DEBUG it would write out what each statement was given.
        "django.db.backends": {"level": "INFO"},
        # A refused request is an answer, not an incident.
        "django.request": {"level": "ERROR"},
    },
}
