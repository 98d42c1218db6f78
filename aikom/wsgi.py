"""The door granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")
application = get_wsgi_application()

# What was imported stays for the life of the process: looking through it again and again for
# garbage took a twentieth of every request.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
