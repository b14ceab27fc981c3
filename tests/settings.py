"""The product's own settings; only what would slow a test or leave the machine differs."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DATA_DIR", str(Path(tempfile.gettempdir()) / f"inboxdeck-tests-{os.getuid()}"))
os.environ.setdefault("STATIC_STORAGE", "django.contrib.staticfiles.storage.StaticFilesStorage")
os.environ.setdefault("PRODUCTION", "0")
# What stands there already is kept where it is one of this worker's: a process that a test starts has a queue of its own.
_QUEUES = f"tests-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}-"
if not os.environ.get("QUEUE_PREFIX", "").startswith(_QUEUES):
    os.environ["QUEUE_PREFIX"] = _QUEUES
if "DATABASE_URL" in os.environ:
    os.environ.setdefault("SECRET_KEY", "a key for tests, as good as any other and long enough to be one 0123456789")
    os.environ.setdefault("CREDENTIAL_KEYS", "dGVzdHMtb25seS1rZXktb2YtMzItYnl0ZXMtMDEyMzQ=")

from agency.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
# Tests with threads and processes need a database that others can open too.
if EMBEDDED_DATABASE:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / f"test-{os.getpid()}.sqlite3")}  # noqa: F405
# Whitenoise warns of a missing folder, and a warning is an error here.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
if not EMBEDDED_DATABASE:  # noqa: F405
    # What a test commits need not outlive the machine.
    DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"  # noqa: F405
