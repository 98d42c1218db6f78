"""The demo certification authority: real algorithms, invented people.

Only settings with SIGNATURES_TRUST_DEMO_AUTHORITY believe it; production refuses to start so.
Tests use the same code in memory, with expired, revoked and misused variants.
"""
