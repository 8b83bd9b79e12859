"""What shoppers fetch: the storefront's script on each kind of page, beside that of the earlier plugin."""

from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.snippets.costs import KINDS, MOST_BYTES, PLUGIN_BYTES, PLUGIN_GZIPPED, gzipped, script


def figures() -> Iterator[Figure]:
    """Bytes, plain and gzipped."""
    plugin = f"<= {MOST_BYTES:,}; earlier plugin {PLUGIN_BYTES:,} / {PLUGIN_GZIPPED:,}"
    for kind in KINDS:
        size = gzipped(kind)
        measured = f"{len(script(kind)):,} B, {size:,} B gzipped"
        yield Figure(f"script: {kind}", measured, plugin, size <= MOST_BYTES)
