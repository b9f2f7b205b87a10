import os

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "qingkong.project"
    label = "project"

    def ready(self) -> None:
        from django.utils.translation import gettext

        from qingkong.kernel import access, ledger, text
        from qingkong.kernel.identity.posts import Post
        from qingkong.kernel.ledger import sealing
        from qingkong.kernel.ledger.erasing import on_erasure
        from qingkong.kernel.text import zh
        from qingkong.project.backup import journal
        from qingkong.project.unsealed import UNSEALED

        text.translate_with(gettext)
        ledger.register_acts(
            {
                "project.data_loaded": zh("载入法律和本地数据"),
                "instance.backed_up": zh("备份"),
                "instance.backup_verified": zh("核对备份"),
                "instance.restored": zh("从备份恢复实例"),
            }
        )
        on_erasure(journal.witness)
        access.register(
            {"instance.declare": access.post(Post.BUREAU_LEADER, Post.INSPECTOR)},
            labels={"instance.declare": zh("宣布从备份恢复")},
        )
        sealing.leave_unsealed(UNSEALED)
        sealing.start()
        if not os.environ.get("QINGKONG_UNHUNG"):  # a command that looks at one room alone
            from qingkong.project import wiring

            wiring.hang()
