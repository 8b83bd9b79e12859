"""The views of the API, by the name of their operation."""

from typing import Final

from companion.simulator.klaviyo.api import client, consents, events, forms, lists, metrics, profiles
from companion.simulator.klaviyo.door import View

VIEWS: Final[dict[str, View]] = {
    **events.VIEWS,
    **metrics.VIEWS,
    **profiles.VIEWS,
    **consents.VIEWS,
    **lists.VIEWS,
    **forms.VIEWS,
    **client.VIEWS,
}
