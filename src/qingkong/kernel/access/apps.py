from django.apps import AppConfig

from qingkong.kernel import ledger
from qingkong.kernel.text import zh


class AccessConfig(AppConfig):
    name = "qingkong.kernel.access"
    label = "access"

    def ready(self) -> None:
        from qingkong.kernel.access import permissions
        from qingkong.kernel.identity.posts import Post

        ledger.register_acts(
            {
                "access.looked": zh("查阅"),
                "access.refused": zh("被拒绝的操作"),
                "access.forgotten": zh("到期清除个人信息"),
            }
        )
        permissions.register(
            {
                "accounts.manage": permissions.post(Post.ADMINISTRATOR) | permissions.the_system,
                "access.forget": permissions.the_system,
                "duty.see": permissions.anyone_on_duty,
                "ledger.read": permissions.post(Post.SUPERVISOR, Post.INSPECTOR),
            },
            labels={
                "accounts.manage": zh("管理账号和岗位"),
                "access.forget": zh("清除到期的个人信息"),
                "duty.see": zh("查看自己的待办"),
                "ledger.read": zh("查阅存证"),
            },
        )
