from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "qingkong.web"
    label = "web"
    verbose_name = "web"

    def ready(self) -> None:
        from qingkong.kernel.access.retention import retain
        from qingkong.kernel.text import zh
        from qingkong.web import policy, sweeping  # noqa: F401  registers its job

        retain("web.upload", zh("正在上传的文件"), own_way=zh("没有传完的文件到期整个删除。"))
        policy.register()
