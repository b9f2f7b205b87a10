from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "qingkong.web"
    label = "web"
    verbose_name = "web"

    def ready(self) -> None:
        from qingkong.web import policy, sweeping  # noqa: F401  registers its job

        policy.register()
