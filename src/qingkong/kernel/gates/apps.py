from django.apps import AppConfig

from qingkong.kernel import access, ledger
from qingkong.kernel.text import zh


class GatesConfig(AppConfig):
    name = "qingkong.kernel.gates"
    label = "gates"

    def ready(self) -> None:
        from qingkong.kernel.gates.policy import LABELS, MAY

        access.register(MAY, labels=LABELS)
        ledger.register_acts(
            {
                "gates.found": zh("关口发现问题"),
                "gates.put_right": zh("问题已改正"),
                "gates.waived": zh("问题经批准放行"),
                "gates.upheld": zh("问题成立，转责任追究"),
                "gates.checks_loaded": zh("载入检查项"),
            }
        )
