"""Addresses of the room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from journals.portal import app, book, diary, planning, schools

urlpatterns: list[URLPattern | URLResolver] = [
    path("parents/children/<uuid:pupil_id>/diary/", diary.week, name="parent_diary"),
    path("journals/", book.own, name="journals"),
    path("journals/app.webmanifest", app.manifest, name="journal_manifest"),
    path("journals/worker.js", app.worker, name="journal_worker"),
    path("journals/<uuid:uid>/", book.book, name="journal"),
    path("journals/<uuid:uid>/columns/new/", book.column_new, name="journal_column"),
    path("journals/<uuid:uid>/lessons/<int:lesson>/", book.lesson, name="journal_lesson"),
    path(
        "journals/<uuid:uid>/lessons/<int:lesson>/entries/",
        book.lesson_entries,
        name="journal_lesson_entries",
    ),
    path("journals/school/", schools.own, name="journal_school_own"),
    path("journals/schools/<uuid:uid>/", schools.school, name="journal_school"),
    path("journals/schools/<uuid:uid>/year/", schools.year, name="journal_year"),
    path("journals/schools/<uuid:uid>/make/", schools.make, name="journal_make"),
    path("journals/schools/<uuid:uid>/day/", schools.school_day, name="journal_day"),
    path("journals/schools/<uuid:uid>/plan/", planning.plan, name="journal_plan"),
    path("journals/schools/<uuid:uid>/plan/rooms/", planning.rooms, name="journal_plan_rooms"),
    path("journals/teachers/<uuid:post_id>/", planning.limit, name="journal_plan_limit"),
    path("journals/classes/<uuid:uid>/hours/", planning.hours, name="journal_plan_hours"),
    path("journals/timetables/<uuid:run_id>/", planning.run, name="timetable_run"),
    path(
        "journals/timetables/<uuid:run_id>/progress/",
        planning.progress,
        name="timetable_run_progress",
    ),
    path("journals/timetables/<uuid:run_id>/cancel/", planning.stop, name="timetable_run_cancel"),
    path("journals/timetables/<uuid:run_id>/resume/", planning.resume, name="timetable_run_resume"),
    path("journals/timetables/<uuid:run_id>/save/", planning.save, name="timetable_run_save"),
    path("journals/classes/<uuid:uid>/", schools.class_journals, name="journal_class"),
    path("journals/classes/<uuid:uid>/week/", schools.class_week, name="journal_week"),
    path("journals/<uuid:uid>/give/", schools.journal_give, name="journal_give"),
    path(
        "journals/<uuid:uid>/lessons/<int:lesson>/change/",
        schools.lesson_change,
        name="journal_lesson_change",
    ),
]
