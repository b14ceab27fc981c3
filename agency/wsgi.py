import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")
application = get_wsgi_application()

from agency.secrets import verify_ring  # noqa: E402  (needs the apps that the line above loads)

# Raised here, the reason is the last thing gunicorn prints before it gives up; it does not try for ever.
verify_ring()
