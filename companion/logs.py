"""Log lines as JSON, one object a line, for whoever is on call. No secret and no personal data may get in here.

A line carries its message and the `extra` fields of the call: store, webhook_id, message ids, counts, reasons.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """`{"at", "level", "logger", "message", ...extra, "trace"?}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: value for name, value in vars(record).items() if name not in STANDARD})
        if record.exc_info:
            line["trace"] = self._trace(record)
        return json.dumps(line, default=str, ensure_ascii=False)

    def _trace(self, record: logging.LogRecord) -> str:
        """Where it happened, not what was in hand: an exception's text may quote a person's data."""
        kind, _, trace = record.exc_info or (None, None, None)
        frames = []
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_qualname}")
            trace = trace.tb_next
        return f"{kind.__name__ if kind else '?'} at {' < '.join(reversed(frames))}"


def configure(level: str) -> None:
    """Send every logger of this process to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("apscheduler", "urllib3", "alembic"):
        logging.getLogger(chatty).setLevel("WARNING")
