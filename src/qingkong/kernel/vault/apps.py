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
                "vault.scrubbed": zh("核对原件库"),
                "vault.erased": zh("依法销毁原件"),
            }
        )
        access.register(
            {"vault.erase": access.post(Post.CASE_OFFICE, Post.LEGAL_SECTION, Post.BUREAU_LEADER)},
            labels={"vault.erase": zh("依法销毁原件")},
        )
