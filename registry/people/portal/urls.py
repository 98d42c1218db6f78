"""Addresses of pupils, drafts, enrolment and orders."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.drafts.portal import drafts
from registry.movements.enrol import portal as one_pupil
from registry.orders.portal import orders
from registry.people.portal import pupils

urlpatterns: list[URLPattern | URLResolver] = [
    path("pupils/", pupils.pupil_list, name="pupil_list"),
    path("pupils/export/", pupils.pupil_export, name="pupil_export"),
    path("pupils/<uuid:pupil_id>/", pupils.pupil_detail, name="pupil_detail"),
    path("pupils/<uuid:pupil_id>/edit/", pupils.pupil_edit, name="pupil_edit"),
    path("pupils/<uuid:pupil_id>/documents/new/", pupils.document_new, name="pupil_document_new"),
    path(
        "pupils/<uuid:pupil_id>/representatives/new/",
        pupils.representative_new,
        name="pupil_representative_new",
    ),
    path(
        "pupils/<uuid:pupil_id>/representatives/<int:representative_id>/",
        pupils.representative_edit,
        name="pupil_representative_edit",
    ),
    path("pupils/<uuid:pupil_id>/address/", pupils.address_edit, name="pupil_address"),
    path("pupils/<uuid:pupil_id>/categories/new/", pupils.category_new, name="pupil_category_new"),
    path(
        "pupils/<uuid:pupil_id>/categories/<int:category_id>/end/",
        pupils.category_end,
        name="pupil_category_end",
    ),
    path("enrol/", drafts.listing, name="draft_list"),
    path("enrol/start/", drafts.start, name="draft_start"),
    path("enrol/one/", one_pupil.one, name="draft_one"),
    path("enrol/template.xlsx", drafts.blank_table, name="draft_template"),
    path("enrol/<uuid:draft_id>/", drafts.detail, name="draft_detail"),
    path("enrol/<uuid:draft_id>/cells/", drafts.cells, name="draft_cells"),
    path("enrol/<uuid:draft_id>/columns/", drafts.columns, name="draft_columns"),
    path("enrol/<uuid:draft_id>/rows/<int:row_id>/", drafts.row, name="draft_row"),
    path("enrol/<uuid:draft_id>/problems.xlsx", drafts.problem_rows, name="draft_problems"),
    path("enrol/<uuid:draft_id>/discard/", drafts.discard, name="draft_discard"),
    path("enrol/<uuid:draft_id>/restore/", drafts.restore, name="draft_restore"),
    path("enrol/<uuid:draft_id>/order/", orders.prepare, name="order_prepare"),
    path("enrol/<uuid:draft_id>/order/save/", orders.save_fields, name="order_fields_save"),
    path("orders/", orders.listing, name="order_list"),
    path("orders/<uuid:order_id>/", orders.detail, name="order_detail"),
    path("orders/<uuid:order_id>/sign/", orders.sign, name="order_sign"),
    path("orders/<uuid:order_id>/cancel/", orders.cancel, name="order_cancel"),
    path("orders/<uuid:order_id>/manifest", orders.manifest, name="order_manifest"),
    path("orders/<uuid:order_id>/signature.p7s", orders.signature, name="order_signature"),
    path("orders/<uuid:order_id>/order.pdf", orders.pdf, name="order_pdf"),
    path("orders/<uuid:order_id>/paper.pdf", orders.paper, name="order_paper"),
    path("orders/<uuid:order_id>/order.asice", orders.container, name="order_container"),
    path("orders/<uuid:order_id>/rows.jsonl", orders.rows, name="order_rows"),
    path("orders/<uuid:order_id>/rows/<int:number>.json", orders.row_proof, name="order_row_proof"),
]
