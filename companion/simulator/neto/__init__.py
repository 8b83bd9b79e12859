"""A demo shop that speaks Neto's API, with the awkward habits of the real one. Knows nothing of the service.

`create_app` is the whole of it; `KEY` is the API key it takes.
"""

from companion.simulator.neto.app import create_app
from companion.simulator.neto.config import KEY

__all__ = ["KEY", "create_app"]
