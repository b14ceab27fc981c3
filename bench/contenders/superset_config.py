"""Superset's settings, as its page on production has them; nothing that slows it down.

Reference: https://superset.apache.org/admin-docs/6.1.0/configuration/configuring-superset
"""

import logging
import os
from typing import Any

from superset.utils.log import AbstractEventLogger  # type: ignore[import-not-found]

SECRET_KEY = os.environ["SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_METADATA"]
#: A proxy's business; 50 requests a second are the most it would answer otherwise.
RATELIMIT_ENABLED = False
#: Whoever signed in once stays so for as long as the bench runs.
JWT_ACCESS_TOKEN_EXPIRES = False
LOG_LEVEL = logging.WARNING
#: In the worker's own memory, the nearest there is. What is asked for with `force` is not taken from it.
DATA_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 86_400}


class NoEvents(AbstractEventLogger):  # type: ignore[misc]
    """Its own keeps six rows of each request, a commit each, which is a fifth of its time; our pages keep nothing of the kind."""

    def log(self, *_: Any, **__: Any) -> None:
        pass


EVENT_LOGGER = NoEvents()
