"""How fast this machine is: a Django view that answers 'hello', with no middleware and no database."""

from __future__ import annotations

import os
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello", content_type="text/plain")


urlpatterns = [path("", hello)]


def __getattr__(name: str) -> Any:
    # Made where a worker asks for it: gunicorn's master reads this module too.
    if name != "app":
        raise AttributeError(name)
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[], SECRET_KEY=os.environ["SECRET_KEY"])
    made = globals()["app"] = get_wsgi_application()
    return made
