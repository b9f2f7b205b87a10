"""The one thing that goes wrong here, said in both languages."""


class VerificationError(Exception):
    """What was given doesn't prove what it claims.

    `str()` is Chinese; `.en` is English. `place` says where, if there is a place (a file, an index).
    """

    def __init__(self, zh: str, en: str, *, place: str = "") -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en
        self.place = place

    def said(self, language: str) -> str:
        """The sentence in `zh` or `en`, with the place before it."""
        sentence = self.en if language == "en" else self.zh
        return f"{self.place}: {sentence}" if self.place else sentence
