from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "qingkong.domains.enforcement.evidence"
    label = "evidence"

    def ready(self) -> None:
        from qingkong.domains.enforcement.evidence import policy
        from qingkong.domains.enforcement.evidence.ways import arriving, tasks  # noqa: F401  # registers the jobs

        policy.register()
        arriving.register()
