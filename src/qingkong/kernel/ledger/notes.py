"""Sign checkpoints and cosignatures (C2SP tlog-checkpoint, signed-note, tlog-cosignature)."""

from base64 import b64encode

from qingkong.kernel.ledger.keys import Signer
from qingkong_verify.notes import cosigned_message


def sign_checkpoint(signer: Signer, size: int, root: bytes) -> str:
    """The signed note that says: this log has `size` entries and this root."""
    body = f"{signer.name}\n{size}\n{b64encode(root).decode()}\n"
    return f"{body}\n{_line(signer, signer.sign(body.encode()))}\n"


def cosign(signer: Signer, note: str, seconds: int) -> str:
    """A cosigner's line under a note, made at `seconds` since 1970."""
    body = note.partition("\n\n")[0] + "\n"
    signature = signer.sign(cosigned_message(body, seconds))
    return _line(signer, seconds.to_bytes(8, "big") + signature)


def _line(signer: Signer, signature: bytes) -> str:
    return f"— {signer.name} {b64encode(signer.id + signature).decode()}"
