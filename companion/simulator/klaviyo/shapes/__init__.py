"""The bodies of requests as types.

Source: the official OpenAPI description, revision 2026-07-15.
"""
