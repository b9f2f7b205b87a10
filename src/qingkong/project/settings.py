"""Settings of every instance, in one file. What differs stands in the environment or in instance.toml."""

import json
import os
import warnings
from datetime import timedelta
from pathlib import Path

from qingkong.project import instance as instances
from qingkong.project import logs, sqlite
from qingkong.project.postgres import connecting as postgres

sqlite.install()

SOURCE = Path(__file__).resolve().parents[1]
INSTANCE = instances.find()

QINGKONG_HOME = INSTANCE.home
QINGKONG_KEYS = INSTANCE.keys
QINGKONG_DEMO = INSTANCE.demo
QINGKONG_DIVISION = INSTANCE.division
QINGKONG_CLOCK = "django.utils.timezone.now"
QINGKONG_ADDRESS = os.environ.get("QINGKONG_ADDRESS", "http://127.0.0.1:8000")  # of the portal, as receipts print it
QINGKONG_PUBLISH_ENTRIES = os.environ.get("QINGKONG_PUBLISH_ENTRIES", "") == "1"  # who did what: inside networks only
QINGKONG_REPLICA = os.environ.get("QINGKONG_REPLICA", "")  # where Litestream copies the SQLite database to
QINGKONG_EVENTS_PORT = int(os.environ.get("QINGKONG_EVENTS_PORT", "8001"))
QINGKONG_VAULT = os.environ.get("QINGKONG_VAULT", "")  # of a new instance; once moved, vault.toml says it

# --- a proxy in front (docs/deploy.md): believed only with the secret both were given -------------------------

QINGKONG_PROXY_SECRET = os.environ.get("QINGKONG_PROXY_SECRET", "")
QINGKONG_PROXY_BODIES = os.environ.get("QINGKONG_PROXY_BODIES", "")  # where it writes whole files; the vault's disk
USE_X_FORWARDED_PORT = bool(QINGKONG_PROXY_SECRET)
QINGKONG_ACCEL = os.environ.get("QINGKONG_ACCEL", "")  # its internal address of the vault's blobs: "/vault/"
QINGKONG_METRICS_TOKEN = os.environ.get("QINGKONG_METRICS_TOKEN", "")  # for /metrics and /ready from elsewhere
QINGKONG_UPLOADS = json.loads(os.environ.get("QINGKONG_UPLOADS", "{}"))  # web/uploads/limits.py

SECRET_KEY = INSTANCE.secret
DEBUG = False
ALLOWED_HOSTS = os.environ.get("QINGKONG_HOSTS", "127.0.0.1 localhost [::1]").split()
CSRF_TRUSTED_ORIGINS = os.environ.get("QINGKONG_ORIGINS", "").split()

KERNEL = [
    "numbering",
    "places",
    "ledger",
    "identity",
    "access",
    "clocks",
    "gates",
    "vault",
    "papers",
    "notices",
    "jobs",
    "events",
]
ENFORCEMENT = ["calls", "cases", "evidence", "property", "dossiers"]
TRUST = ["disclosure", "satisfaction"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    *[f"qingkong.kernel.{name}" for name in KERNEL],
    "qingkong.web",
    *[f"qingkong.domains.enforcement.{name}" for name in ENFORCEMENT],
    *[f"qingkong.domains.trust.{name}" for name in TRUST],
    "qingkong.project",
]
if os.environ.get("QINGKONG_ALONE") == "vault":  # taking a file in needs no other room, and starts in half the time
    NEEDED = {"django.contrib.contenttypes", "django.contrib.auth", "qingkong.project"}
    NEEDED |= {f"qingkong.kernel.{name}" for name in ("ledger", "identity", "access", "vault")}
    INSTALLED_APPS = [app for app in INSTALLED_APPS if app in NEEDED]
if os.environ.get("QINGKONG_UNHUNG") and "ninja" in INSTALLED_APPS:  # a command that looks at one room serves no API
    INSTALLED_APPS.remove("ninja")
AUTH_USER_MODEL = "identity.Officer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- databases: one for the record, one for what may be lost ------------------------------------------------


def _sqlite(name: str, synchronous: str) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": QINGKONG_HOME / "data" / name,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA recursive_triggers=ON;"
                "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
            ),
        },
        "TEST": {"NAME": None},
    }


DATABASE_URL = os.environ.get("QINGKONG_DATABASE_URL", "")
QINGKONG_OWNER_URL = os.environ.get("QINGKONG_DATABASE_OWNER_URL", "")  # who makes the tables; never the server's
QINGKONG_PATIENT = os.environ.get("QINGKONG_PATIENT") == str(os.getpid())  # a command that may take its time
DATABASES = {
    "default": (
        postgres.database(DATABASE_URL, patient=QINGKONG_PATIENT)
        if DATABASE_URL
        else _sqlite("qingkong.sqlite", "FULL")
    ),
    "passing": _sqlite("passing.sqlite", "NORMAL"),  # sessions, sign-in failures, rate limits
}
DATABASE_ROUTERS = ["qingkong.project.routing.PassingRouter"]

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- sign-in -------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "qingkong.kernel.access.passwords.ContextWords"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
]
LOGIN_URL = "/desk/sign-in/"
QINGKONG_CHOOSE_ROLE_URL = "/desk/role/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "晴空"
MFA_ADAPTER = "qingkong.kernel.access.second_factors.SealingAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = QINGKONG_DEMO
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_CALLABLE = "qingkong.web.sign_in.locked_out"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# --- the web -------------------------------------------------------------------------------------------------

ROOT_URLCONF = "qingkong.project.urls"
WSGI_APPLICATION = "qingkong.project.wsgi.application"
MIDDLEWARE = [
    "qingkong.project.observing.ObservingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "qingkong.web.tiles.PublicFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "qingkong.web.edge.EdgeMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
CSRF_FAILURE_VIEW = "qingkong.web.edge.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if os.environ.get("QINGKONG_HTTPS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
QINGKONG_PROXY = os.environ.get("QINGKONG_PROXY", "").split()  # addresses of proxies whose X-Real-IP is believed
QINGKONG_API_A_MINUTE = 600  # requests of one officer, or of one address
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "connect-src": [
            "'self'",
            f"http://127.0.0.1:{QINGKONG_EVENTS_PORT}",
            f"http://localhost:{QINGKONG_EVENTS_PORT}",
        ],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_TEMP_DIR = QINGKONG_HOME / "vault" if INSTANCE.made else None

STATIC_URL = "/static/"
STATIC_ROOT = (
    SOURCE / "web" / "collected"
)  # filled for a server in front alone; else the files are found where they are
warnings.filterwarnings("ignore", "No directory at")
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# --- language and time ---------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LOGGING = logs.logging_settings(os.environ.get("QINGKONG_LOG", ""))
SILENCED_SYSTEM_CHECKS = ["axes.W003"]
