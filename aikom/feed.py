"""The door granian serves for those who wait for changes: `granian --interface asgi aikom.feed:application`."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")
django.setup()

from integrations.eis.stream import Feed  # noqa: E402 - after Django

application = Feed()

# What was imported stays for the life of the process (as in aikom/wsgi.py).
gc.collect()
gc.freeze()
