from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "qingkong.domains.enforcement.cases"
    label = "cases"

    def ready(self) -> None:
        from qingkong.domains.enforcement.cases import policy

        policy.register()
