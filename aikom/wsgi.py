"""The door granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")
application = get_wsgi_application()
