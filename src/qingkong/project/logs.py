"""What is written to the log: when, where in the code, which request, which route. Never what people typed or are called.

Our own messages are written for this and go out as they are. Of everybody else's (Django, libraries) only the template
goes out, never its values. Of an exception go out its type and the lines of code, never its words: a database repeats
the faulty value in them. `QINGKONG_LOG=json` makes each line one JSON object.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from qingkong.web import request_id

OURS = "qingkong"
FACTS = ("route", "method", "status", "ms")  # what our own code may add to a line (`extra=`)
DEEPEST = 30  # lines of code of one exception


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """The line as it may be written."""
    facts: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": _event(record),
    }
    if number := request_id.current():
        facts["request"] = number
    if _is_ours(record):
        facts |= {name: value for name in FACTS if (value := getattr(record, name, None)) is not None}
    if record.exc_info and record.exc_info[1] is not None:
        facts["faults"] = list(_faults(record.exc_info[1]))
    return facts


class Plain(logging.Formatter):
    """For a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        faults = facts.pop("faults", [])
        head = " ".join(str(facts.pop(name)) for name in ("at", "level", "logger", "event"))
        rest = "".join(f" {name}={value}" for name, value in facts.items())
        lines = [f"\n  {fault['type']}\n" + "\n".join(f"    {line}" for line in fault["lines"]) for fault in faults]
        return head + rest + "".join(lines)


class Json(logging.Formatter):
    """For a collector: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts_of(record), ensure_ascii=False)


def logging_settings(form: str) -> dict[str, Any]:
    """Django's LOGGING. `form` is `json` or anything else for people; requests are logged with `json` alone."""
    kind = "Json" if form == "json" else "Plain"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"safe": {"()": f"qingkong.project.logs.{kind}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "safe"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "axes": {"level": "ERROR"},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
            "django.request": {"level": "ERROR"},
            "qingkong.requests": {"level": "INFO" if form == "json" else "WARNING"},
        },
    }


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name == OURS or record.name.startswith(f"{OURS}.")


def _event(record: logging.LogRecord) -> str:
    if _is_ours(record):
        return record.getMessage()
    where = f"{record.module}:{record.lineno}"
    template = (
        record.msg if isinstance(record.msg, str) and record.args else ""
    )  # one without values may hold them itself
    return f"{template} ({where})" if template else where


def _faults(fault: BaseException | None) -> list[dict[str, Any]]:
    """The exception and those behind it, the first cause last."""
    told: list[dict[str, Any]] = []
    while fault is not None and len(told) < 5:
        frames = traceback.extract_tb(fault.__traceback__)[-DEEPEST:]
        lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        told.append({"type": f"{type(fault).__module__}.{type(fault).__qualname__}", "lines": lines})
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return told
