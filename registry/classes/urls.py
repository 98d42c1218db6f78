"""Addresses of classes."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.classes import portal as classes

urlpatterns: list[URLPattern | URLResolver] = [
    path("institutions/<uuid:uid>/classes/", classes.class_list, name="class_list"),
    path("institutions/<uuid:uid>/classes/new/", classes.class_new, name="class_new"),
    path("institutions/<uuid:uid>/classes/copy/", classes.class_copy, name="class_copy"),
    path("institutions/<uuid:uid>/classes/close/", classes.class_close, name="class_close"),
    path("classes/", classes.classes_own, name="classes_own"),
    path("classes/<uuid:uid>/edit/", classes.class_edit, name="class_edit"),
]
