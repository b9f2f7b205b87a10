from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "qingkong.kernel.jobs"
    label = "jobs"

    def ready(self) -> None:
        from qingkong.kernel.jobs import sweeping  # noqa: F401  registers its job
