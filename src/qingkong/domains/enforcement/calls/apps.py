from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "qingkong.domains.enforcement.calls"
    label = "calls"

    def ready(self) -> None:
        from qingkong.domains.enforcement.calls import policy

        policy.register()
