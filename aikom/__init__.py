"""Composition only: settings, urls, Celery app and the wiring of ports. Nothing imports this room."""
