"""A distributed worker: the jobs without the web. Any number of them share one PostgreSQL database."""

import signal
import threading

from flask import Flask

from companion import bootstrap, config, logs
from scheduler import embedded
from scheduler.engine import Engine
from scheduler.jobs import STORE_JOBS


def main() -> None:
    """Work until told to stop. Raises ConfigurationError."""
    settings = config.load()
    logs.configure(settings.log_level)
    engine = Engine(STORE_JOBS)
    services = bootstrap.build(settings, wake=engine.wake)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    clockwork = embedded.start(Flask("worker"), services, engine)
    stop.wait()
    clockwork.shutdown(wait=False)
    engine.stop()


if __name__ == "__main__":
    main()
