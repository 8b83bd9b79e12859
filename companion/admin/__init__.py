"""The pages of the service: whether everything flows, what to do where it does not, and the merchant's choices.

Two doors with the same store pages behind them: `/admin/` by password for the whole house, `/admin/in-shop/` by the
shop's signature for that one store. No page waits for Klaviyo or a shop but the check of a key.
"""

from companion.admin.doors import init

__all__ = ["init"]
