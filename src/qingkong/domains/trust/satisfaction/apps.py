from django.apps import AppConfig


class SatisfactionConfig(AppConfig):
    name = "qingkong.domains.trust.satisfaction"
    label = "satisfaction"

    def ready(self) -> None:
        from qingkong.domains.trust.satisfaction import policy
        from qingkong.domains.trust.satisfaction.ways import tasks  # noqa: F401
        from qingkong.kernel import access, ledger

        access.register(policy.MAY, labels=policy.LABELS)
        ledger.register_acts(policy.ACTS)
