from django.apps import AppConfig

from qingkong.kernel import ledger
from qingkong.kernel.text import zh


class ClocksConfig(AppConfig):
    name = "qingkong.kernel.clocks"
    label = "clocks"

    def ready(self) -> None:
        ledger.register_acts(
            {
                "clocks.started": zh("期限起算：{name}"),
                "clocks.stopped": zh("期限终止：{name}"),
                "clocks.suspended": zh("期限中止：{name}"),
                "clocks.resumed": zh("期限恢复：{name}"),
                "clocks.extended": zh("期限延长：{name}"),
                "clocks.rung": zh("期限提醒"),
                "clocks.limits_loaded": zh("载入期限与工作日历"),
            }
        )
