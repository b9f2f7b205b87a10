from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "qingkong.project"
    label = "project"

    def ready(self) -> None:
        from django.utils.translation import gettext

        from qingkong.kernel import ledger, text
        from qingkong.kernel.text import zh
        from qingkong.project import wiring

        text.translate_with(gettext)
        ledger.register_acts({"project.data_loaded": zh("载入法律和本地数据")})
        wiring.hang()
