"""The web process: settings, services, the application and, in the embedded engine, the jobs beside it."""

import atexit

from flask import Flask

from companion import bootstrap, config, logs
from companion.app import create_app
from companion.bootstrap import asleep
from scheduler import embedded
from scheduler.engine import Engine
from scheduler.jobs import STORE_JOBS


def create() -> Flask:
    """Build this process. Raises ConfigurationError."""
    settings = config.load()
    logs.configure(settings.log_level)
    if settings.engine == "distributed":
        return create_app(bootstrap.build(settings, wake=asleep))
    engine = Engine(STORE_JOBS)
    services = bootstrap.build(settings, wake=engine.wake)
    app = create_app(services)
    embedded.start(app, services, engine)
    atexit.register(engine.stop)
    return app
