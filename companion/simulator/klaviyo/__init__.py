"""A Klaviyo to develop and test against: its rules, its limits, its bad days, and a page that shows what arrived.

A product of its own beside the service: it must not import anything of `companion` but this package.
"""

from companion.simulator.klaviyo.accounts import DEFAULT_ID, DEFAULT_KEY
from companion.simulator.klaviyo.app import create_app
from companion.simulator.klaviyo.config import Config

__all__ = ["DEFAULT_ID", "DEFAULT_KEY", "Config", "create_app"]
