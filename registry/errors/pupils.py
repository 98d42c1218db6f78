"""Refusals about pupils, drafts, enrolments and orders."""
