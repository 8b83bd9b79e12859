"""Door 2: runs read a shop page by page and enter the corridor where webhooks do, at `mappings`.

`advance` moves one run by one step; what a step is, each kind says for itself.
"""
