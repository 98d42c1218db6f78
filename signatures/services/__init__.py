"""Writes of the room: signing sessions and the trust list."""
