"""A provider of identity that speaks like id.gov.ua, about invented people.

For the demo and the tests; settings without SYNTHETIC_DATA refuse its address.
"""
