"""The sandbox: a school of invented people per operator, and the test programme that runs there.

It lives in a database and a process of its own (ADR 0076): what is made here is of no register.
"""
