"""Run the simulator: python -m companion.simulator.klaviyo --port 8081

Becomes a gunicorn process with one worker and many threads: all state is in that worker's memory.
"""

import argparse
import os
import sys

from companion.simulator.klaviyo.config import PREFIX, Config

THREADS = 64


def main() -> None:
    """Read the arguments, then turn into gunicorn."""
    parser = argparse.ArgumentParser(prog="python -m companion.simulator.klaviyo", description="A simulated Klaviyo.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--threads", type=int, default=THREADS, help="calls served at once, hanging ones included")
    parser.add_argument("--latency", choices=("realistic", "none"), help="how slowly it answers")
    parser.add_argument("--unlimited", action="store_true", help="no rate windows")
    parser.add_argument("--keep", choices=("all", "ledger"), help="ledger: forget payloads, for benchmarks")
    parser.add_argument("--lag", type=float, help="seconds until an accepted job takes effect")
    given = parser.parse_args()
    chosen = {"LATENCY": given.latency, "KEEP": given.keep, "LAG_S": given.lag, "UNLIMITED": given.unlimited or None}
    os.environ.update({PREFIX + name: str(value) for name, value in chosen.items() if value is not None})
    try:
        Config.from_environ()
    except ValueError as error:
        parser.error(str(error))
    server = ["--workers=1", "--worker-class=gthread", f"--threads={given.threads}", "--keep-alive=75"]
    bind = [f"--bind={given.host}:{given.port}", "--graceful-timeout=2", "--log-level=warning"]
    application = "companion.simulator.klaviyo:create_app()"
    sys.stdout.write(f"Klaviyo simulator on http://{given.host}:{given.port}\n")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *server, *bind, application])  # noqa: S606


if __name__ == "__main__":
    main()
