"""Every setting, read from the environment; README's table says what each is for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django_stubs_ext
import environ
from django.templatetags.static import static
from django.urls import reverse_lazy

from apps.integrations.helpdesk.faults import kind_in
from supportops import database, development
from supportops.production import refuse_unsafe
from supportops.secret import development_key
from supportops.typed import Typed

# Lets Django's generic classes be written as such: Paginator[Ticket].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = database.home()
development.recall(HOME, os.environ)
env = environ.Env()
typed = Typed(os.environ)

DEBUG = typed.switch("DEBUG")
# The demo organisation, its preview pages and its sign-ins. Never beside real customers.
DEMO = typed.switch("DEMO")
SECRET_KEY = env.str("SECRET_KEY", default="") or (development_key(HOME) if DEBUG else "")
# Where `manage.py run` and gunicorn listen.
HOST = env.str("HOST", default="") or "127.0.0.1"
PORT = typed.number("PORT", default=8000, least=1, most=65_535)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", HOST] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The portal's own address, for links in Slack.
BASE_URL = env.str("BASE_URL", default=f"http://{HOST}:{PORT}" if DEBUG else "").rstrip("/")

INSTALLED_APPS = [
    "supportops.apps.ProjectConfig",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "supportops.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_q",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # Lower before upper: it is the order in which reactions hear an event.
    "apps.trail.apps.TrailConfig",
    "apps.people.apps.PeopleConfig",
    "apps.api.apps.ApiConfig",
    "apps.rotations.apps.RotationsConfig",
    "apps.sla.apps.SlaConfig",
    "apps.tickets.apps.TicketsConfig",
    "apps.rfhs.apps.RfhsConfig",
    "apps.incidents.apps.IncidentsConfig",
    "apps.pages.apps.PagesConfig",
    "apps.escalations.apps.EscalationsConfig",
    "apps.integrations.slack.apps.SlackConfig",
    "apps.integrations.helpdesk.apps.HelpdeskConfig",
    "apps.integrations.github.apps.GithubConfig",
    "apps.notices.apps.NoticesConfig",
    "apps.statuspage.apps.StatuspageConfig",
    "apps.dashboard.apps.DashboardConfig",
]

MIDDLEWARE = [
    "supportops.health.probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.statuspage.middleware.no_cookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "supportops.middleware.content_security_policy",
    "apps.people.middleware.viewer_time_zone",
    "apps.trail.middleware.acting_user",
]

ROOT_URLCONF = "supportops.urls"
WSGI_APPLICATION = "supportops.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database.settings_from(env.str("DATABASE_URL", default=""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Agent"
AUTHENTICATION_BACKENDS = ["apps.people.backends.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = typed.zone("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True
# Where no page of ours says otherwise, a time still shows its zone.
FORMAT_MODULE_PATH = "supportops.formats"
FORMS_URLFIELD_ASSUME_HTTPS = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# Its own default, said here: the tests' runner takes DEBUG away later, and then each of their clients would look
# through every static file.
WHITENOISE_AUTOREFRESH = DEBUG

# Cluster statistics live in a process's own cache; the pages read heartbeat rows instead.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# facts of django-q2 behind each value: docs/decisions/0003-the-worker-is-guarded.md
Q_CLUSTER = {
    "name": "supportops",
    # Three of them hold (sweep, delivery, followers); with fewer than five nobody is left for what Slack asks.
    "workers": max(5, typed.number("WORKERS", default=5, least=1, most=64)),
    "timeout": 130,
    "retry": 180,
    "catch_up": False,
    "ack_failures": True,
    "max_attempts": 1,
    "poll": 0.2,
    "guard_cycle": 0.5,
    "save_limit": 250,
    "label": "Scheduled jobs",
}
match env.str("BROKER_URL", default=""):
    case "":
        Q_CLUSTER["orm"] = "default"
    case redis if redis.startswith(("redis://", "rediss://")):
        Q_CLUSTER["redis"] = redis
    case "sqs":
        Q_CLUSTER["sqs"] = {"aws_region": env.str("AWS_REGION", default="")}
    case other:
        sys.exit(f"BROKER_URL is {other!r}; leave it empty for the database, or use redis://… or sqs.")

# Slack. Without a token nothing is sent and nothing is pretended: notices wait.
SLACK_BOT_TOKEN = env.str("SLACK_BOT_TOKEN", default="")
SLACK_SIGNING_SECRET = env.str("SLACK_SIGNING_SECRET", default="")
SLACK_APP_TOKEN = env.str("SLACK_APP_TOKEN", default="")
SLACK_API_URL = env.str("SLACK_API_URL", default="https://slack.com/api/")
SLACK_DEFAULT_CHANNEL = env.str("SLACK_DEFAULT_CHANNEL", default="")
# What the public status page is called.
STATUS_PAGE_NAME = env.str("STATUS_PAGE_NAME", default="SupportOps").strip() or "SupportOps"
# Emails to subscribers go by this server: smtp://user:password@host:587, smtp+tls:// or smtp+ssl://. Without one the
# demo keeps them on a page, and anywhere else they wait.
_mail = env.email_url("EMAIL_URL", default="") if env.str("EMAIL_URL", default="") else None
EMAIL_IS_SET_UP = _mail is not None or DEMO
EMAIL_BACKEND = "apps.statuspage.subscribing.kept.EmailBackend"
if _mail is not None:
    EMAIL_BACKEND = str(_mail["EMAIL_BACKEND"])
    EMAIL_HOST, EMAIL_PORT = str(_mail["EMAIL_HOST"]), int(_mail["EMAIL_PORT"] or 25)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = str(_mail["EMAIL_HOST_USER"] or ""), str(_mail["EMAIL_HOST_PASSWORD"] or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_TLS")), bool(_mail.get("EMAIL_USE_SSL"))
# A job ends within two minutes.
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="").strip() or "status@localhost"
# Hosts of one's own network that a subscriber's webhook may lead to: hooks.corp, 10.0.0.7:8080.
WEBHOOK_PRIVATE_HOSTS = env.list("WEBHOOK_PRIVATE_HOSTS", default=[])
# Statuspage's own limit.
WEBHOOK_TIMEOUT = min(typed.seconds("WEBHOOK_TIMEOUT", default=30.0), 30.0)
# What incidents are called, as in INC-7.
INCIDENT_PREFIX = env.str("INCIDENT_PREFIX", default="INC").strip() or "INC"
# The channel of all incidents, Crashbot's #crash, by its id or name. Its topic is rewritten.
INCIDENTS_CHANNEL = env.str("INCIDENTS_CHANNEL", default="crash" if DEMO else "").strip()
# Of these levels each incident gets a channel of its own at once: L1,L2. Of others when somebody asks.
INCIDENT_CHANNEL_LEVELS = frozenset(env.list("INCIDENT_CHANNEL_LEVELS", default=[]))
# Support's internal channel, where teammates are asked before engineering; empty: the support team's own.
RFH_TEAMMATES_CHANNEL = env.str("RFH_TEAMMATES_CHANNEL", default="")

# The help desk that is asked whether a ticket was answered: zendesk, freshdesk, generic, or nothing.
HELPDESK = kind_in(env.str("HELPDESK", default=""))
HELPDESK_URL = env.str("HELPDESK_URL", default="").strip().rstrip("/")
HELPDESK_USER = env.str("HELPDESK_USER", default="")
HELPDESK_TOKEN = env.str("HELPDESK_TOKEN", default="")
HELPDESK_TIMEOUT = typed.seconds("HELPDESK_TIMEOUT", default=1.5)
HELPDESK_WEBHOOK_SECRET = env.str("HELPDESK_WEBHOOK_SECRET", default="")
REPLY_SOURCE = "apps.integrations.helpdesk.configured.source"
# GitHub, where requests for help have their issues. Without a token and a tracker requests go on without.
GITHUB_TOKEN = env.str("GITHUB_TOKEN", default="").strip()
GITHUB_URL = (env.str("GITHUB_URL", default="").strip() or "https://api.github.com").rstrip("/")
# A job ends within two minutes, and asks more than once.
GITHUB_TIMEOUT = min(typed.seconds("GITHUB_TIMEOUT", default=10.0), 20.0)
GITHUB_WEBHOOK_SECRET = env.str("GITHUB_WEBHOOK_SECRET", default="")
RFH_PRIVATE_TRACKER = env.str("RFH_PRIVATE_TRACKER", default="").strip()
RFH_PUBLIC_TRACKER = env.str("RFH_PUBLIC_TRACKER", default="").strip()
# Addresses everybody may read anyhow, which a public issue may hold whatever their words: our documentation.
RFH_PUBLIC_LINKS = env.list("RFH_PUBLIC_LINKS", default=[])
ISSUE_TRACKER = "apps.integrations.github.configured.tracker"
# What a mail that pages a team must know: /pages/mail/<team>/.
PAGES_MAIL_SECRET = env.str("PAGES_MAIL_SECRET", default="")
# Who counts on a named group, so that it is not emptied.
NAMED_GROUP_USE = "apps.sla.selectors.policies_telling"

# Calendars that say who is on shift or away: read with Google's service account, or from any iCalendar address.
GOOGLE_SERVICE_ACCOUNT_FILE = env.str("GOOGLE_SERVICE_ACCOUNT_FILE", default="")
GOOGLE_CALENDAR_URL = env.str("GOOGLE_CALENDAR_URL", default="") or "https://www.googleapis.com/calendar/v3"
# Hosts of one's own network that an iCalendar address may lead to: calendar.corp, 10.0.0.7:8080.
CALENDAR_PRIVATE_HOSTS = env.list("CALENDAR_PRIVATE_HOSTS", default=[])
# A job ends within half a minute.
CALENDAR_TIMEOUT = min(typed.seconds("CALENDAR_TIMEOUT", default=10.0), 15.0)
CALENDAR_SOURCES = {
    "google": "apps.integrations.google_calendar.configured.source",
    "icalendar": "apps.integrations.icalendar_feed.configured.source",
}

# Whose open items a hand-over lists, in this order: modules as apps/rotations/handovers/items.py describes them.
HANDOVER_PROVIDERS = ["apps.pages.handover", "apps.rfhs.handover", "apps.incidents.handover"]

# The newest seal of the trail, kept outside the database: a file each is added to, a Slack channel told once a day.
TRAIL_SEAL_FILE = env.str("TRAIL_SEAL_FILE", default="")
TRAIL_SEAL_CHANNEL = env.str("TRAIL_SEAL_CHANNEL", default="")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.api.permissions.HasScope"],
    "DEFAULT_PAGINATION_CLASS": "apps.api.pagination.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.Schema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.api.throttling.PerKey"],
    "DEFAULT_THROTTLE_RATES": {"key": typed.rate("API_RATE", default="600/min")},
    "EXCEPTION_HANDLER": "apps.api.problems.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SupportOps",
    "DESCRIPTION": "Tickets and what was promised on them, who hears next, who is on shift, and the story of it all.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Sections are closed at first: with all open, Swagger UI draws those on the screen alone; Ctrl+F finds no other.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "filter": True},
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Severity": "apps.sla.models.SEVERITIES",
        "TicketType": "apps.sla.models.TICKET_TYPES",
        "ShiftWord": ["support", "embedded"],
        "TicketStatus": "apps.tickets.models.Ticket.Status",
        "TicketOrigin": "apps.tickets.models.Ticket.Origin",
        "PageOrigin": "apps.pages.models.Page.Origin",
        "RFHPriority": "apps.rfhs.models.RFH.Priority",
        "ClockState": "apps.escalations.models.Clock.State",
        "TeamKind": "apps.people.models.Team.Kind",
        "RFHKind": "apps.rfhs.models.RFH.Kind",
        "RFHState": "apps.rfhs.models.rfh.STATES",
        "NoteKind": "apps.rfhs.models.Note.Kind",
        "PageState": "apps.pages.models.Page.State",
        "RFHSource": "apps.rfhs.models.RFH.Source",
        "IncidentSeverity": "apps.incidents.models.severities.SEVERITIES",
        "IncidentStatus": "apps.incidents.models.incident.STATES",
        "IncidentSource": "apps.incidents.models.Incident.Source",
        "IncidentImpact": "apps.incidents.models.Impact",
        "UpdateStatus": "apps.incidents.states.SAID",
        "ComponentStatus": "apps.incidents.models.Component.Status",
        "AffectedStatus": "apps.incidents.services.impacts.POSSIBLE",
        "MaintenanceStatus": "apps.incidents.models.Maintenance.Status",
        "SubscriberKind": "apps.statuspage.models.Subscriber.Kind",
        "MaintenanceStep": "apps.incidents.services.maintenance.STEPS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.api.schema.describe_problems",
    ],
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
}

UNFOLD = {
    "SITE_TITLE": "SupportOps",
    "SITE_HEADER": "SupportOps",
    "SITE_SUBHEADER": "Promises, kept",
    "SITE_SYMBOL": "support_agent",
    # There is no other site to return to.
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "supportops.admin.environment",
    "DASHBOARD_CALLBACK": "supportops.admin.home",
    "STYLES": [
        lambda request: static("supportops/portal.css"),
        lambda request: static("supportops/incidents.css"),
        lambda request: static("supportops/compare.css"),
    ],
    "SCRIPTS": [lambda request: static("supportops/portal.js")],
    "COMMAND": {
        "search_callback": "apps.dashboard.palette.find",
        # After the tickets; without what only repeats them, such as messages and events.
        "search_models": [
            "people.Customer",
            "people.Agent",
            "people.Team",
            "people.Plan",
            "people.NamedGroup",
            "rotations.Rotation",
            "people.Channel",
            "sla.Policy",
            "slack.WatchedChannel",
        ],
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "supportops.admin.navigation",
    },
    "ACCOUNT": {"navigation": "supportops.admin.account_links"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"refusals": {"()": "supportops.logs.RefusalsInALine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["console"], "level": typed.level("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Its own handlers would say everything a second time, and mail it.
        "django": {"handlers": [], "level": "INFO"},
        "django-q": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "slack_bolt": {"level": "WARNING"},
    },
}

# Unfold's Alpine needs 'unsafe-eval'; inline script stays forbidden. Unfold styles inline.
CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "object-src": "'none'",
}

SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Tickets may carry a megabyte of text, and no more.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
INSECURE = typed.switch("INSECURE_HTTP")
# Read by gunicorn.conf.py, which cannot say it as well.
typed.number("WEB_WORKERS", default=2, least=1, most=64)
typed.stop_if_mistyped()
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not INSECURE
    SECURE_SSL_REDIRECT = not INSECURE
    SECURE_HSTS_SECONDS = 0 if INSECURE else 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    refuse_unsafe(
        secret_key=SECRET_KEY,
        allowed_hosts=ALLOWED_HOSTS,
        base_url=BASE_URL,
        demo=DEMO,
        slack_bot_token=SLACK_BOT_TOKEN,
        slack_signing_secret=SLACK_SIGNING_SECRET,
        slack_app_token=SLACK_APP_TOKEN,
        helpdesk=HELPDESK,
        helpdesk_url=HELPDESK_URL,
        helpdesk_user=HELPDESK_USER,
        helpdesk_token=HELPDESK_TOKEN,
        helpdesk_timeout=HELPDESK_TIMEOUT,
        github_token=GITHUB_TOKEN,
        github_url=GITHUB_URL,
        rfh_private_tracker=RFH_PRIVATE_TRACKER,
        rfh_public_tracker=RFH_PUBLIC_TRACKER,
        database_url=env.str("DATABASE_URL", default=""),
        insecure_http=INSECURE,
    )
