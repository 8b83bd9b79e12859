"""What the shop's own pages may load and send, as one header."""

from companion.simulator.shop.config import Config

POLICY = (
    "default-src 'none'; script-src 'self'{0}; style-src 'self'{1}; img-src 'self'{0}; connect-src 'self'{0}; "
    "form-action 'self'"
)


def policy(config: Config) -> str:
    """With a snippet also what it brings, whose forms carry their own styles."""
    others = "".join(f" {origin}" for origin in config.allowed)
    return POLICY.format(others, " 'unsafe-inline'" + others if config.snippet else "")
