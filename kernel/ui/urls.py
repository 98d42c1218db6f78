"""Addresses of the frame: home, account, gallery."""

from django.urls import path

from kernel.ui import gallery, views

urlpatterns = [
    path("", views.home, name="home"),
    path("account/", views.account, name="ui_account"),
    path("offline/", views.offline, name="ui_offline"),
    path("ui/", gallery.gallery, name="ui_gallery"),
]
