"""A name that comes from data in both languages."""

from django.utils.translation import get_language

from qingkong.kernel.text import Sentence


class Bilingual(Sentence):
    """A Chinese text from data that carries its own English, because no catalogue can hold what a county may edit."""

    __slots__ = ("english",)

    def __init__(self, source: str, english: str) -> None:
        super().__init__(source)
        self.english = english

    def __str__(self) -> str:
        return self.english if self.english and (get_language() or "").startswith("en") else self.source

    def in_chinese(self) -> str:
        return self.source
