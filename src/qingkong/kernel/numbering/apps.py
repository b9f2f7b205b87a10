from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "qingkong.kernel.numbering"
    label = "numbering"
