"""Addresses of the real installation, and pages made for these tests only."""

from django.urls import include, path

from tests.signatures_browser import sample_pages

urlpatterns = [
    path("test/sign/<str:kind>/", sample_pages.sign),
    path("test/signed/<int:number>/", sample_pages.signed),
    path("test/content/", sample_pages.content),
    path("test/certificates/", sample_pages.certificates),
    path("test/visit/", sample_pages.visit),
    path("signing/confirm/", sample_pages.confirm),
    path("", include("aikom.urls")),
]

handler400 = "kernel.ui.views.handler400"
handler403 = "kernel.ui.views.handler403"
handler404 = "kernel.ui.views.handler404"
handler500 = "kernel.ui.views.handler500"
