"""Beat's timetable and the worker know the same jobs."""

from aikom.celery import app


def test_every_job_of_the_timetable_exists():
    app.loader.import_default_modules()
    missing = {
        name: entry["task"]
        for name, entry in app.conf.beat_schedule.items()
        if entry["task"] not in app.tasks
    }
    assert not missing, f"No worker knows these jobs: {missing}"


def test_a_job_survives_the_worker_that_took_it():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
