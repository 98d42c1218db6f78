"""Saying goodbye to id.gov.ua, away from whoever is signing out."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from integrations.isei.client import Client, Token
from integrations.isei.conf import Configuration
from integrations.isei.errors import IseiSilent, IseiUnreadable


@shared_task(ignore_result=True)
def log_out(farewell: str, **_ignored: Any) -> None:
    """End a visit at id.gov.ua. It ends there by itself soon, so one try is enough."""
    configuration = Configuration.current()
    user_id, _, access_token = farewell.partition(" ")
    if not configuration.on:
        return
    try:
        Client(configuration).log_out(Token(access_token, user_id))
    except (IseiSilent, IseiUnreadable):
        return  # written to the log by the client
