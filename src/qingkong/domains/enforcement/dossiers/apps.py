from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "qingkong.domains.enforcement.dossiers"
    label = "dossiers"

    def ready(self) -> None:
        from qingkong.domains.enforcement.dossiers import policy

        policy.register()
