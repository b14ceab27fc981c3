import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")
application = get_wsgi_application()

from agency.secrets import verify_ring  # noqa: E402  (needs the apps that the line above loads)

# Raised here, the reason is the last thing gunicorn prints before it gives up; it does not try for ever.
verify_ring()

# The views are loaded now, not with the first page; and what is there by now stays, so that the collector need not go through
# it again and again: it would take a tenth of the Overview's time.
get_resolver().url_patterns  # noqa: B018  (read for its effect)
gc.collect()
gc.freeze()
