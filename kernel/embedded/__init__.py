"""PostgreSQL and Valkey out of Python wheels, for machines that have neither.

`postgres` and `valkey` each offer `url` (pure: where it would listen), `start`, `stop` and
`is_running`. `python -m kernel.embedded start|stop|status|wipe [--test]` does the same by hand.
On servers nothing here runs: DATABASE_URL and CELERY_BROKER_URL say where the real ones are.
"""
