from django.apps import AppConfig

from qingkong.kernel import ledger
from qingkong.kernel.text import zh


class NoticesConfig(AppConfig):
    name = "qingkong.kernel.notices"
    label = "notices"

    def ready(self) -> None:
        from qingkong.kernel import access
        from qingkong.kernel.access.retention import retain
        from qingkong.kernel.notices import messages  # noqa: F401  registers its jobs

        ledger.register_acts(
            {
                "notices.queued": zh("发出通知"),
                "notices.sent": zh("通知已送出"),
                "notices.failed": zh("通知未能送出"),
                "notices.read": zh("已阅提醒"),
            }
        )
        retain("notices.message", zh("短信"), own_way=zh("发出的短信到期整条删除。"))
        access.register({"notices.deliver": access.the_system}, labels={"notices.deliver": zh("发送通知")})
