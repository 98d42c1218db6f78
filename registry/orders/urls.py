"""Addresses of orders."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.orders.portal import asked, cloud, elsewhere, orders, reports

urlpatterns: list[URLPattern | URLResolver] = [
    path("services/<slug:process>/<uuid:draft_id>/order/", orders.prepare, name="order_prepare"),
    path(
        "services/<slug:process>/<uuid:draft_id>/order/save/",
        orders.save_fields,
        name="order_fields_save",
    ),
    path(
        "services/<slug:process>/<uuid:draft_id>/report.xlsx", reports.workbook, name="draft_report"
    ),
    path(
        "services/<slug:process>/<uuid:draft_id>/report.pdf", reports.paper, name="draft_report_pdf"
    ),
    path("orders/", orders.listing, name="order_list"),
    path("orders/elsewhere/", elsewhere.signed_elsewhere, name="orders_elsewhere"),
    path("orders/asked/", asked.listing, name="order_task_list"),
    path("orders/asked/<int:task_id>/", asked.detail, name="order_task"),
    path("orders/asked/<int:task_id>/answer/", asked.answer, name="order_task_answer"),
    path("orders/asked/<int:task_id>/object/", asked.object_to, name="order_task_object"),
    path("orders/to-sign.zip", elsewhere.to_sign, name="orders_to_sign"),
    path("orders/<uuid:order_id>/", orders.detail, name="order_detail"),
    path("orders/<uuid:order_id>/sign/", orders.sign, name="order_sign"),
    path("orders/<uuid:order_id>/sign/file/", elsewhere.sign_file, name="order_sign_file"),
    path("orders/<uuid:order_id>/sign/cloud/", cloud.ask, name="order_cloud"),
    path("orders/<uuid:order_id>/sign/cloud/check/", cloud.check, name="order_cloud_check"),
    path("orders/<uuid:order_id>/cancel/", orders.give_up, name="order_cancel"),
    path("orders/<uuid:order_id>/manifest", orders.manifest, name="order_manifest"),
    path("orders/<uuid:order_id>/signature.p7s", orders.signature, name="order_signature"),
    path("orders/<uuid:order_id>/order.pdf", orders.pdf, name="order_pdf"),
    path("orders/<uuid:order_id>/paper.pdf", orders.paper, name="order_paper"),
    path("orders/<uuid:order_id>/order.asice", orders.container, name="order_container"),
    path("orders/<uuid:order_id>/rows.jsonl", orders.rows, name="order_rows"),
    path("orders/<uuid:order_id>/rows.xlsx", orders.table, name="order_table"),
    path("orders/<uuid:order_id>/rows/<int:number>.json", orders.row_proof, name="order_row_proof"),
]
