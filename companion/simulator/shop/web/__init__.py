"""The doors of the demo shop: the Admin API, the pages, and the control API for tests. The only Flask."""
