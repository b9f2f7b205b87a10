from django.apps import AppConfig


class PropertyConfig(AppConfig):
    name = "qingkong.domains.enforcement.property"
    label = "property"

    def ready(self) -> None:
        from qingkong.domains.enforcement.property import policy

        policy.register()
