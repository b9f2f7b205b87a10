from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    name = "qingkong.domains.trust.disclosure"
    label = "disclosure"

    def ready(self) -> None:
        from qingkong.domains.trust.disclosure import policy
        from qingkong.domains.trust.disclosure.ways import tasks  # noqa: F401
        from qingkong.kernel import access, ledger

        access.register(policy.MAY, labels=policy.LABELS)
        ledger.register_acts(policy.ACTS)
