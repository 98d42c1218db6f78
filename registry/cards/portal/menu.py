"""The room's entries in the frame and on the home page; imported when Django is ready."""

from __future__ import annotations

from registry.admission.portal import menu as admission_menu
from registry.cards import concerns
from registry.cards.portal import glance, institutions_menu, pupils_menu
from registry.certificates.portal import menu as certificates_menu
from registry.coverage.portal import menu as coverage_menu
from registry.identity.portal import menu as identity_menu
from registry.quality.portal import menu as quality_menu
from registry.rollover.portal import menu as rollover_menu
from registry.support.portal import menu as support_menu
from registry.tallies.portal import narrowing, workplace

__all__ = [
    "admission_menu",
    "certificates_menu",
    "concerns",
    "coverage_menu",
    "glance",
    "identity_menu",
    "institutions_menu",
    "narrowing",
    "pupils_menu",
    "quality_menu",
    "rollover_menu",
    "support_menu",
    "workplace",
]
