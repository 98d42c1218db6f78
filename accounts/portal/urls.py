"""Addresses of the room: sign-in, users."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.announcements.portal import pages as announcements
from accounts.notices.portal import pages as notices
from accounts.portal import heads, signin, users, waves

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", signin.sign_in, name="sign_in"),
    path("login/isei/", signin.leave_for_provider, name="provider"),
    path("login/isei/back/", signin.back_from_provider, name="provider_back"),
    path("login/invitation/<str:token>/", signin.invitation, name="invitation"),
    path("logout/", signin.sign_out, name="sign_out"),
    path("grants/", signin.choose_grant, name="choose_grant"),
    path("visits/", signin.my_visits, name="my_visits"),
    path("notices/", notices.listing, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/<int:notice_id>/read/", notices.read, name="notice_read"),
    path("announcements/", announcements.listing, name="announcements"),
    path("announcements/new/", announcements.new, name="announcement_new"),
    path("announcements/<uuid:announcement_id>/", announcements.detail, name="announcement"),
    path(
        "announcements/<uuid:announcement_id>/confirm/",
        announcements.confirm,
        name="announcement_confirm",
    ),
    path(
        "announcements/<uuid:announcement_id>/remind/",
        announcements.remind,
        name="announcement_remind",
    ),
    path(
        "announcements/<uuid:announcement_id>/withdraw/",
        announcements.withdraw,
        name="announcement_withdraw",
    ),
    path("users/", users.user_list, name="users"),
    path("users/new/administrator/", users.new_administrator, name="user_new_administrator"),
    path("users/new/head/", users.new_head, name="user_new_head"),
    path("users/new/heads/", heads.new_heads, name="user_new_heads"),
    path("users/new/deputy/", users.new_deputy, name="user_new_deputy"),
    path("users/invitations/", users.resend_many, name="users_resend"),
    path("users/units/move/", users.move_unit, name="unit_move"),
    path("users/waves/", waves.listing, name="waves"),
    path("users/waves/new/", waves.new, name="wave_new"),
    path("users/waves/<uuid:pk>/", waves.edit, name="wave_edit"),
    path("users/waves/<uuid:pk>/withdraw/", waves.withdraw, name="wave_withdraw"),
    path("users/waves/<uuid:pk>/remind/", waves.remind, name="wave_remind"),
    path("users/<uuid:uid>/", users.user_card, name="user"),
    path("users/<uuid:uid>/suspend/", users.change, {"step": "suspend"}, name="user_suspend"),
    path("users/<uuid:uid>/restore/", users.change, {"step": "restore"}, name="user_restore"),
    path(
        "users/<uuid:uid>/inactive/", users.change, {"step": "deactivate"}, name="user_deactivate"
    ),
    path("users/<uuid:uid>/withdraw/", users.change, {"step": "withdraw"}, name="user_withdraw"),
    path("users/<uuid:uid>/successor/", users.successor, name="user_successor"),
    path("users/<uuid:uid>/duties/", users.duties, name="user_duties"),
    path("users/<uuid:uid>/invitation/", users.resend, name="user_resend"),
    path("users/<uuid:uid>/name/", users.accept_name, name="user_accept_name"),
]
