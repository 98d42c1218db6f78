"""Addresses of the frame: home, account, gallery."""

from django.urls import path

from kernel.ui import gallery, help_pages, views

urlpatterns = [
    path("", views.home, name="home"),
    path("account/", views.account, name="ui_account"),
    path("offline/", views.offline, name="ui_offline"),
    path("help/", help_pages.index, name="help"),
    path("help/questions/", help_pages.questions, name="help_questions"),
    path("help/support/", help_pages.support, name="help_support"),
    path("help/<slug:slug>/", help_pages.guide, name="help_guide"),
    path("ui/", gallery.gallery, name="ui_gallery"),
]
