"""The Celery application. Tasks live in each room's tasks.py; beat's timetable lives here."""

import os

from celery import Celery
from celery.schedules import crontab

from aikom import heartbeat  # noqa: F401 (its signal handlers say that worker and beat live)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")
app = Celery("aikom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "audit.seal": {"task": "kernel.audit.tasks.seal", "schedule": 10.0},
    "once.forget": {"task": "kernel.once.tasks.forget", "schedule": crontab(minute=50)},
    "audit: months to come": {
        "task": "kernel.audit.tasks.make_months",
        "schedule": crontab(hour=2, minute=40),
    },
    # Enrolments that begin or end today show on the pupils' rows from the first hour of the day.
    "registry: turn enrolments": {
        "task": "registry.tasks.turn_enrolments",
        "schedule": crontab(hour=0, minute=10),
    },
    "registry: quality of data": {
        "task": "registry.tasks.check_quality",
        "schedule": crontab(hour=2, minute=10),
    },
    "registry: requests nobody answered": {
        "task": "registry.tasks.close_support",
        "schedule": crontab(hour=5, minute=20),
    },
    "registry: children's register": {
        "task": "registry.tasks.keep_coverage",
        "schedule": crontab(hour=1, minute=20),
    },
    # Attendance of the day is in the journals by then.
    "registry: notices of the children's register": {
        "task": "registry.tasks.send_notices",
        "schedule": crontab(minute="*/15"),
    },
    "journals: absences": {
        "task": "journals.tasks.tell_absences",
        "schedule": crontab(hour=22, minute=10),
    },
    # Weeks of schools whose worker died.
    "journals.take_up": {"task": "journals.solver.take_up", "schedule": 60.0},
    "journals: years to come": {
        "task": "journals.tasks.make_years",
        "schedule": crontab(day_of_month=2, hour=2, minute=50),
    },
    "registry: possible duplicates": {
        "task": "registry.tasks.seek_duplicates",
        "schedule": crontab(hour=4, minute=10),
    },
    # Plans of the next year that a dead worker left half begun.
    "registry.rollover.take_up": {"task": "registry.rollover.take_up", "schedule": 60.0},
    # Large tables and orders whose worker died.
    "registry.drafts.take_up": {"task": "registry.drafts.take_up", "schedule": 60.0},
    # What a day alone changes: terms that end, a year ago, what waits too long.
    "registry: tallies": {
        "task": "registry.tasks.keep_tallies",
        "schedule": crontab(hour=0, minute=30),
    },
    # A run whose worker died goes on from its last portion.
    "eis.feed_of_the_day": {
        "task": "eis.feed_of_the_day",
        "schedule": crontab(hour=0, minute=20),
    },
    # The country's figures of the day, then their proof.
    "reports: every night": {
        "task": "reports.nightly",
        "schedule": crontab(hour=1, minute=40),
    },
    # Nights past their time, by the rule of reports/keeping.toml.
    "reports: nights put away": {
        "task": "reports.put_away",
        "schedule": crontab(hour=4, minute=20),
    },
    # Terms of operators' roads: told in the morning of the day after.
    "eis.road_of_the_day": {"task": "eis.road_of_the_day", "schedule": crontab(hour=5, minute=40)},
    "reports.take_up": {"task": "reports.take_up", "schedule": 60.0},
    # Campaigns whose day has come, and generating that a dead worker left.
    "reports.campaigns.take_up": {"task": "reports.campaigns.take_up", "schedule": 60.0},
    "reports: late in a campaign": {
        "task": "reports.campaigns.remind",
        "schedule": crontab(hour=7, minute=40),
    },
    "reports.take_up_open": {"task": "reports.take_up_open", "schedule": 60.0},
    # Open data by the calendar: the first of a month, after the night's own work.
    "reports: open data": {
        "task": "reports.publish_monthly",
        "schedule": crontab(day_of_month=1, hour=5, minute=40),
    },
    # Reference days of the desk: the first of a month and 5 September, and a counting left half done.
    "reports: desk": {"task": "reports.desk.nightly", "schedule": crontab(hour=1, minute=40)},
    "reports.desk.take_up": {"task": "reports.desk.take_up", "schedule": 60.0},
    # Commands queue letters at once; this finds what a lost broker left behind.
    "accounts: letters of invitation": {
        "task": "accounts.tasks.send_due_invitations",
        "schedule": 60.0,
    },
    "accounts: notices": {"task": "accounts.notices.remind", "schedule": 60.0},
    "signatures: time-stamps": {"task": "signatures.tasks.stamp_signatures", "schedule": 120.0},
    "signatures: renewal": {
        "task": "signatures.tasks.renew_signatures",
        "schedule": crontab(minute="*/10"),
    },
    "signatures: unsigned for too long": {
        "task": "signatures.tasks.close_expired",
        "schedule": crontab(minute=40),
    },
    "signatures: old searches for certificates": {
        "task": "signatures.tasks.forget_searches",
        "schedule": crontab(hour=2, minute=30),
    },
    "accounts: tidy the door": {
        "task": "accounts.tasks.forget_old_sign_ins",
        "schedule": crontab(hour=2, minute=20),
    },
}
