import os

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "qingkong.project"
    label = "project"

    def ready(self) -> None:
        from django.utils.translation import gettext

        from qingkong.kernel import ledger, text
        from qingkong.kernel.text import zh

        text.translate_with(gettext)
        ledger.register_acts({"project.data_loaded": zh("载入法律和本地数据")})
        if not os.environ.get("QINGKONG_UNHUNG"):  # a command that looks at one room alone
            from qingkong.project import wiring

            wiring.hang()
