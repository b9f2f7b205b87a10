from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "qingkong.project"
    label = "project"

    def ready(self) -> None:
        from django.utils.translation import gettext

        from qingkong.kernel import text
        from qingkong.project import wiring

        text.translate_with(gettext)
        wiring.hang()
