"""Pupils, their documents, representatives, addresses and categories (handbook D.2)."""
