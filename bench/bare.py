"""The limit of the chapter on hooks: a project as `startproject` makes it, of one view, which inserts one row of the body."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

#: As in a new project.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def application() -> Any:
    import environ
    from django.conf import settings

    url = os.environ.get("DATABASE_URL") or f"sqlite:///{Path(os.environ['DATA_DIR']) / 'inboxdeck.sqlite3'}"
    database = environ.Env.db_url_config(url)
    if url.startswith("sqlite"):
        pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
        database["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
    else:
        database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"] = 60, True
    settings.configure(
        ROOT_URLCONF="bench.bare_urls",
        DATABASES={"default": database},
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=[f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")],
        MIDDLEWARE=MIDDLEWARE,
        USE_TZ=True,
        SECRET_KEY=os.environ["SECRET_KEY"],
    )
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def __getattr__(name: str) -> Any:
    # Made where a worker asks for it: gunicorn's master reads this module too.
    if name != "app":
        raise AttributeError(name)
    made = globals()["app"] = application()
    return made
