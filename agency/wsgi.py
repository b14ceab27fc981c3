import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from agency import start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")
application = get_wsgi_application()

start.refuse_bad_ring(start.BOOT_ERROR)

# The views are loaded now, not with the first page; and what is there by now stays, so that the collector need not go through
# it again and again: it would take a tenth of the Overview's time.
get_resolver().url_patterns  # noqa: B018  (read for its effect)
gc.collect()
gc.freeze()
