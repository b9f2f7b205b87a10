from django.apps import AppConfig
from django.core import checks

from qingkong.kernel.ledger.acts import register_acts
from qingkong.kernel.text import zh


class LedgerConfig(AppConfig):
    name = "qingkong.kernel.ledger"
    label = "ledger"

    def ready(self) -> None:
        from qingkong.kernel.ledger.triggers import system_check

        register_acts(
            {
                "ledger.erased": zh("依法删除存证内容"),
                "ledger.restored": zh("从备份恢复"),
                "ledger.cosigner_added": zh("登记联署方：{name}"),
                "ledger.cosigner_ended": zh("不再收联署：{name}"),
                "ledger.bundled": zh("出具证明包：{entries} 条"),
            }
        )
        checks.register(system_check, checks.Tags.database)
