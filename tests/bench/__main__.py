"""`make bench`: every figure, or those of the parts named on the command line."""

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
    chosen = sys.argv[1:] or list(PARTS)
    met = [printed(PARTS[name]()) for name in chosen]
    sys.exit(0 if all(met) else 1)
