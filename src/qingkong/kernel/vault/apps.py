from django.apps import AppConfig

from qingkong.kernel.text import zh


class VaultConfig(AppConfig):
    name = "qingkong.kernel.vault"
    label = "vault"

    def ready(self) -> None:
        from qingkong.kernel import access, ledger
        from qingkong.kernel.identity.posts import Post

        ledger.register_acts(
            {
                "vault.received": zh("收入原件"),
                "vault.carried": zh("原件存入恢复后的存储"),
                "vault.scrubbed": zh("核对原件库"),
                "vault.erased": zh("依法销毁原件"),
                "vault.cleaned": zh("清除没有存完的残件"),
                "vault.migrated": zh("复制并逐份核对原件库"),
                "vault.switched": zh("切换原件库存放的地方"),
            }
        )
        access.register(
            {"vault.erase": access.post(Post.CASE_OFFICE, Post.LEGAL_SECTION, Post.BUREAU_LEADER)},
            labels={"vault.erase": zh("依法销毁原件")},
        )
