"""How often something may be tried, counted in the cache that all processes of an instance share."""

from django.core.cache import cache, caches
from django.db import router, transaction


def over(what: str, *, most: int, seconds: int) -> bool:
    """Count one more try of `what`; whether there were more than `most`, `seconds` after the last one counted.

    Read and written in one transaction, which on SQLite begins with the file's write lock: two processes that count
    at once count twice. What is over isn't counted further, so that asking again doesn't make it longer.
    """
    with transaction.atomic(using=router.db_for_write(caches["default"].cache_model_class)):  # type: ignore[attr-defined]
        tried = int(cache.get(what, 0))
        if tried >= most:
            return True
        cache.set(what, tried + 1, seconds)
    return False


def forget(what: str) -> None:
    """Count from nothing again."""
    cache.delete(what)
