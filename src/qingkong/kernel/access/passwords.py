"""What makes a password easy to guess here: words that everybody in this house would try first."""

import re

from django.core.exceptions import ValidationError

from qingkong.kernel.text import zh

WORDS = (
    "qingkong", "晴空", "gongan", "公安", "jingcha", "警察", "police", "dongping", "东平", "paichusuo", "派出所", "password",
    "密码", "admin", "管理员", "110", "370923",
)  # fmt: skip
LEFT = 6  # characters that must remain without them
EASY = zh("去掉“{word}”这类人人会猜的词以后太短。")


class ContextWords:
    """A validator for AUTH_PASSWORD_VALIDATORS: without the house's words and the own number, six characters remain."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        words = [word for word in (*WORDS, getattr(user, "username", ""), getattr(user, "name", "")) if word]
        rest, found = password.lower(), ""
        for word in sorted(words, key=len, reverse=True):
            if word.lower() in rest:
                rest, found = rest.replace(word.lower(), ""), found or word
        if found and len(re.sub(r"[\W_]", "", rest)) < LEFT:
            raise ValidationError(str(EASY.fill(word=found)), code="context_words")

    def get_help_text(self) -> str:
        return ""
