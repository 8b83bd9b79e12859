"""`make bench`: every figure, or those of the parts named on the command line.

A number behind `subscribers` says how many there are.
"""

import sys

from tests.bench import door, history, outflow, pipeline, storefront, subscribers
from tests.bench.figures import printed

PARTS = {
    "door": door.figures,
    "pipeline": pipeline.figures,
    "outflow": outflow.figures,
    "history": history.figures,
    "subscribers": subscribers.figures,
    "storefront": storefront.figures,
}

if __name__ == "__main__":
    words = sys.argv[1:]
    chosen = [word for word in words if not word.isdigit()] or list(PARTS)
    sizes = [int(word) for word in words if word.isdigit()]
    met = [printed(PARTS[name](*(sizes if name == "subscribers" else ()))) for name in chosen]
    sys.exit(0 if all(met) else 1)
