from django.apps import AppConfig

from qingkong.kernel import ledger
from qingkong.kernel.text import zh


class IdentityConfig(AppConfig):
    name = "qingkong.kernel.identity"
    label = "identity"

    def ready(self) -> None:
        from qingkong.kernel.identity.posts import Post

        ledger.register_posts({post.value: post.label for post in Post})
        ledger.register_acts(
            {
                "identity.signed_in": zh("登录"),
                "identity.signed_out": zh("退出登录"),
                "identity.sign_in_failed": zh("登录失败"),
                "identity.role_chosen": zh("选择岗位"),
                "identity.second_factor_set": zh("设置第二因素"),
                "identity.second_factor_reset": zh("重置第二因素"),
                "identity.account_made": zh("开立账号"),
                "identity.account_closed": zh("停用账号"),
                "identity.account_reopened": zh("恢复账号"),
                "identity.password_set": zh("设置密码"),
                "identity.appointed": zh("任用到岗位"),
                "identity.appointment_ended": zh("结束任用"),
                "identity.unit_made": zh("设立单位"),
            }
        )
