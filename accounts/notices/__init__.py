"""Notices to people: a bell in the head of every page, and an e-mail; told by the log of events."""
