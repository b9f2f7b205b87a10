"""The query code on a receipt: 80 bits in base32, written in groups that can be read over the telephone.

Crockford's alphabet: no I, L, O, U, so that 1/I and 0/O can't be confused. The code is never enough alone;
the reporter's phone is the second factor.
"""

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 80
LENGTH = BITS // 5
GROUP = 4
_ALIKE = str.maketrans("ILO", "110")


def write(entropy: bytes) -> str:
    """Ten random bytes as a code: `7K3M-9QXA-…` (four groups of four)."""
    if len(entropy) * 8 != BITS:
        raise ValueError(f"{BITS // 8} bytes, not {len(entropy)}")
    number = int.from_bytes(entropy, "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(BITS - 5, -1, -5))
    return "-".join(letters[i : i + GROUP] for i in range(0, LENGTH, GROUP))


def read(text: str) -> str | None:
    """A code as typed, in its normal form without groups; None where it can't be one."""
    letters = re.sub(r"[\s\-—–]", "", unicodedata.normalize("NFKC", text)).upper().translate(_ALIKE)
    return letters if len(letters) == LENGTH and all(letter in ALPHABET for letter in letters) else None
