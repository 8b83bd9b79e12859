"""How each platform talks: signatures, webhooks, its API. What it means lives in `mappings`."""
