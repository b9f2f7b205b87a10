from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "qingkong.web"
    label = "web"
    verbose_name = "web"

    def ready(self) -> None:
        from qingkong.web import policy

        policy.register()
