"""Logs as JSON, a line for each event."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

logger = logging.getLogger("rnnzoo.serving")


def log(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Logs an event with its fields."""
    if logger.isEnabledFor(level):
        logger.log(level, event, extra={"fields": fields})


def log_request(is_failure: bool, reason: str, seconds: float, **fields: Any) -> None:
    """Logs an answered request; `is_failure` means that the server failed."""
    level = logging.ERROR if is_failure else logging.INFO
    more = {"reason": reason} if reason else {}
    log("request", level, **fields, seconds=round(seconds, 6), **more)


class JsonFormatter(logging.Formatter):
    """`{"time": …, "level": …, "event": …}` and the event's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the fields hold."""
        time = datetime.fromtimestamp(record.created, UTC)
        entry = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.name != logger.name:
            entry["logger"] = record.name
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def log_to_stderr() -> None:
    """Sends all logs of this process to the error stream, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logger.setLevel(logging.INFO)
