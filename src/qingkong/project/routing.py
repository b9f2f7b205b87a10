"""Which database holds what: the record in one, what may be lost in the other."""

PASSING = frozenset({"sessions", "axes"})


class PassingRouter:
    """Sessions, sign-in failures and the cache live in `passing`; everything else in the record."""

    def db_for_read(self, model, **hints):  # type: ignore[no-untyped-def]
        return "passing" if model._meta.app_label in PASSING or model._meta.app_label == "django_cache" else None

    db_for_write = db_for_read

    def allow_relation(self, one, other, **hints):  # type: ignore[no-untyped-def]
        return None

    def allow_migrate(self, db, app_label, **hints):  # type: ignore[no-untyped-def]
        if db == "passing":
            return app_label in PASSING or app_label == "django_cache"
        return app_label not in PASSING
