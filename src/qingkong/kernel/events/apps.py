from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "qingkong.kernel.events"
    label = "events"

    def ready(self) -> None:
        from qingkong.kernel.events import sweeping  # noqa: F401  registers its job
