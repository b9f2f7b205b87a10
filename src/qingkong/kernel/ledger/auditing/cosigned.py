"""What a cosigner's own folder says against the instance: does it still show what was countersigned?"""

from pathlib import Path

from qingkong.kernel.ledger.auditing.findings import Problem
from qingkong.kernel.ledger.models import Checkpoint
from qingkong.kernel.text import zh
from qingkong_verify.notes import parse_body, split_note

NO_CHECKPOINT = zh("联署方见过前 {size} 条的校验点，现在没有这个校验点，或已是另一个。")
NOT_SHOWN = zh("联署方对前 {size} 条的联署不再显示。")


def still_shown(state: Path, using: str = "default") -> list[Problem]:
    """What the instance no longer shows of the last checkpoint that the cosigner with this folder signed.

    Raises FileNotFoundError where the folder is no cosigner's, VerificationError where its note can't be read.
    """
    text = (state / "cosigned").read_text(encoding="utf-8")
    body, _ = split_note(text)
    _, size, _ = parse_body(body)
    line = text.rstrip("\n").rpartition("\n")[2]
    standing = Checkpoint.objects.using(using).filter(size=size).first()
    if standing is None or standing.note.partition("\n\n")[0] != body.rstrip("\n"):
        sentence = NO_CHECKPOINT.fill(size=size)
        return [Problem("missing", "ledger_checkpoint", str(size), "", sentence)]
    if not standing.cosignatures.filter(line=line).exists():
        return [Problem("missing", "ledger_cosignature", str(size), "", NOT_SHOWN.fill(size=size))]
    return []
