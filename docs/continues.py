"""Does the ledger in a folder continue the checkpoint I kept? Standard library and the verifier alone.

PYTHONPATH=qingkong-verify.pyz python3 continues.py OLD_CHECKPOINT FOLDER KEY
Exit status: 0 it does, 1 it doesn't (keep both, they are evidence), 2 wrong use.
"""

import sys
from pathlib import Path

from qingkong_verify import VerificationError, verify_checkpoint
from qingkong_verify.folder import WIDTH, bundle_path, check_folder, leaf_hashes
from qingkong_verify.merkle import Range


def continues(old: str, folder: Path, key: str) -> str:
    """What was found, in words. Raises VerificationError where history was changed."""
    before = verify_checkpoint(old, key)
    now = check_folder(folder, [key]).checkpoint  # every entry against the newest signed root
    if now.size < before.size:
        raise VerificationError(f"由 {before.size} 条变少为 {now.size} 条。", "The log shrank.")
    edge = Range()
    for index in range((before.size + WIDTH - 1) // WIDTH):
        path = bundle_path(index, min(WIDTH, now.size - index * WIDTH))
        hashes = leaf_hashes((folder / path).read_bytes(), min(WIDTH, now.size - index * WIDTH), path)
        for digest in hashes[: before.size - index * WIDTH]:
            edge.push(digest)
    if edge.root() != before.root:
        raise VerificationError("前面的条目被改写：根与我留存的校验点不同。", "History was rewritten.")
    return f"OK {before.size} → {now.size}"


if __name__ == "__main__":
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        print(continues(Path(sys.argv[1]).read_text(encoding="utf-8"), Path(sys.argv[2]), sys.argv[3]))
    except VerificationError as error:
        print(f"{error}\n{error.en}", file=sys.stderr)
        sys.exit(1)
