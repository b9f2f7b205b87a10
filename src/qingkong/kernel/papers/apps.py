from django.apps import AppConfig

from qingkong.kernel import ledger
from qingkong.kernel.text import zh


class PapersConfig(AppConfig):
    name = "qingkong.kernel.papers"
    label = "papers"

    def ready(self) -> None:
        ledger.register_acts({"papers.issued": zh("制作文书")})
