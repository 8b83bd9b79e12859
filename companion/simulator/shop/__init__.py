"""A demo shop: a simulated Shopware 6.6 that speaks the real protocol. Stands outside the service.

It sells made-up things to made-up people, installs an app, sends it signed webhooks and answers its Admin API calls.
"""

from companion.simulator.shop.app import create_app
from companion.simulator.shop.config import Config

__all__ = ["Config", "create_app"]
