"""Jobs inside the web process: flask-apscheduler keeps the times, the engine does the work.

The tick finds what a lost wake left behind; hours missed while the machine slept run once on waking.
"""

from flask import Flask
from flask_apscheduler import APScheduler

from companion import due
from companion.bootstrap import Services
from scheduler.engine import Engine
from scheduler.jobs import HOUSE_JOBS


def start(app: Flask, services: Services, engine: Engine) -> APScheduler:
    """Start the engine and the clockwork of this process."""
    app.config["SCHEDULER_JOB_DEFAULTS"] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    app.config["SCHEDULER_TIMEZONE"] = "UTC"
    scheduler = APScheduler(app=app)
    scheduler.add_job("tick", tick, args=(services, engine), trigger="interval", seconds=services.settings.tick_s)
    for name, job in HOUSE_JOBS.items():
        scheduler.add_job(name, job.run, args=(services,), trigger="interval", seconds=job.every_s)
    engine.start(services)
    scheduler.start()
    return scheduler


def tick(services: Services, engine: Engine) -> None:
    """Wake every job that has something due."""
    for job, store_id in due.jobs(services):
        engine.wake(job, store_id)
