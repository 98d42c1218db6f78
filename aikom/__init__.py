"""Composition only: settings, urls, Celery app and the wiring of ports. Nothing imports this room."""

# Web and management processes hand jobs over too: without the app loaded, shared tasks would
# look for a default broker.
from aikom.celery import app as celery_app

__all__ = ["celery_app"]
