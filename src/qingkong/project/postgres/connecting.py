"""How the house connects to PostgreSQL. Pure: read by the settings.

A statement, a lock and an idle transaction each have a limit, so that one that hangs takes no other with it. Commands
that rightly take long (`PATIENT` in the command line) lift the first and keep the lock's.
"""

from urllib.parse import parse_qsl, unquote, urlsplit

LIMITS = {
    "statement_timeout": "30s",  # a page asks for milliseconds
    "lock_timeout": "10s",  # a row is held for one operation
    "idle_in_transaction_session_timeout": "60s",  # a process that hangs holds nobody's rows for longer
}
PATIENT_LIMITS = {**LIMITS, "statement_timeout": "0", "idle_in_transaction_session_timeout": "30min"}
KEEP_SECONDS = 600  # a connection is used again for so long, after a look whether it still works


def database(url: str, *, patient: bool = False) -> dict[str, object]:
    """Django's settings for `postgres://user:password@host:port/name?sslmode=verify-full`; a socket's folder as %2Frun.

    What follows the question mark goes to libpq as it is. `patient` lifts the limit on a statement.
    """
    parts = urlsplit(url)
    limits = PATIENT_LIMITS if patient else LIMITS
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": _host(parts.netloc),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": KEEP_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "qingkong",
            "connect_timeout": 5,  # seconds
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "prepare_threshold": 5,
            **_given(parts.query),
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    }


def _given(query: str) -> dict[str, object]:
    """What the address adds. `prepare_threshold=none`: a pooler that hands out connections by transaction, before 1.21."""
    given: dict[str, object] = dict(parse_qsl(query))
    if "prepare_threshold" in given:
        number = str(given["prepare_threshold"])
        given["prepare_threshold"] = int(number) if number.isdigit() else None
    return given


def _host(netloc: str) -> str:
    """The host as written: `urlsplit` makes it lower case, which a socket's folder isn't."""
    host = netloc.rpartition("@")[2]
    return unquote(host.partition("]")[0].strip("[]") if host.startswith("[") else host.partition(":")[0])
