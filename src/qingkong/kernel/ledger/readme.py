"""What a proof bundle says of itself to a lawyer: two plain texts, one a language. Not proved by anything."""

from datetime import datetime

from qingkong.kernel.text import local

CHINESE = """证明包：{label}
制作时间：{at}（北京时间）　存证：{entries} 条

这是什么
  警方的每一步操作、每一次查阅都记在一本只能往后添的存证里。这个文件夹装着关于 {label} 的每一条，和核对它们所需的一切。
  核对不用联网，不用警方的服务器，也不用相信警方。

怎样核对
  1. 公钥要从可靠的渠道拿：当面向派出所、检察院、社会监督员要。keys.txt 只是方便，跟着证明包来的公钥什么也证明不了。
  2. 电脑上要有 Python 3.9 或更新的（python.org）。
  3. 在这个文件夹里运行：
       Windows：      py qingkong-verify.pyz . --key 公钥
       macOS、Linux： python3 qingkong-verify.pyz . --key 公钥
     再加 --key 联署方的公钥，就说出哪些条由谁在何时见证过。
     再加 --file 您手里的文件，就说出存证里有没有写明它。
  4. 信不过包里的核验程序，就从别处取一份，或请人照公开的算法另写。
  退出码：0 属实，1 不予认可并说明是哪个文件，2 用法不对。

证明什么
  · 每一条在签名以前就在存证里，一个字没有变；谁、什么岗位、哪个单位、什么时间、什么事由。
  · 各条的先后。
  · 出示了内容的，内容就是当时记下的。
  · 标明已依法删除的：原来有内容，由哪一条存证删去。
  · 内容里写明摘要的文书、录像，您手里的文件是不是那一份。
  · 警方声明：制作时关于它的存证就是这些条。这句声明也是一条存证（made.json）。
  · 有您信任的联署方签名的条目，连掌握服务器密钥的人也改不了而不被发现。

不证明什么
  · 写进去的话是真的。
  · 没有录入系统的事，和没有出示的内容。
  · 再没有别的条目。要查全，请检察院或联署方核对整本存证。
  · 钟是准的。
  · 还没有联署的条目，没有被掌握服务器密钥的人重写过。核验程序会说出是哪几条；等联署以后再要一份。

里面有什么
  entries/        一条一个文件：原文、在哈希树里的路径、签名的校验点；允许出示的，连同内容和随机数
  files/          内容里写明摘要的文件（若有）
  history.json    各个校验点属于同一段历史的证明
  manifest.json   每个文件的摘要
  made.json       制作本证明包的那条存证，它写明了 manifest.json 的摘要
  keys.txt        公钥，仅供方便
  qingkong-verify.pyz  核验程序
  文件改动任何一个字节都会被指出来。传送时把换行改成 Windows 的样子不要紧。
"""

ENGLISH = """Proof bundle: {label}
Made: {at} (China Standard Time)   Entries: {entries}

What this is
  Each step the police take, and each look at somebody's data, is entered in a ledger that can only be added to. This
  folder holds every entry about {label}, and all that is needed to check them. No network is needed, no server of
  the police, and no trust in them.

How to check it
  1. Get the ledger's public key by a way you trust: in person, at a station, at the procuratorate, from a social
     supervisor. keys.txt is a convenience; a key that came with a bundle proves nothing.
  2. You need Python 3.9 or newer (python.org).
  3. In this folder, run:
       Windows:       py qingkong-verify.pyz . --key KEY --lang en
       macOS, Linux:  python3 qingkong-verify.pyz . --key KEY --lang en
     Add --key with a cosigner's key, and it says which entries were seen by whom, and when.
     Add --file with a file that you hold, and it says whether an entry names it.
  4. If you don't trust the checker in here, get one elsewhere, or have one written from the published algorithms.
  Exit status: 0 true, 1 refused, with the file and the reason, 2 wrong use.

What it proves
  - Each entry stood in the ledger before the signature was made, to the letter: who, which post, which unit, when, why.
  - Their order.
  - Where content is given: that it is what was entered.
  - Where it says erased by law: that there was content, and which entry erased it.
  - Where content names the digest of a paper or a film: whether the file you hold is that one.
  - That the police stated, when this was made, that these are all the entries. The statement is an entry too (made.json).
  - For entries that a cosigner you trust has signed: that even somebody with the server's key couldn't change them unnoticed.

What it doesn't prove
  - That what was entered is true.
  - What was never entered, and content that isn't given.
  - That there are no other entries. For that, have the procuratorate or a cosigner check the whole ledger.
  - That the clocks were right.
  - That somebody with the server's key hasn't rewritten entries that aren't cosigned yet. The checker says which those
    are; ask for another bundle once they are cosigned.

What is in it
  entries/        a file an entry: its text, its path in the tree, the signed checkpoint; content and salt where allowed
  files/          files whose digest an entry names (if any)
  history.json    that the checkpoints belong to one history
  manifest.json   the digest of every file
  made.json       the entry of this bundle's making, which holds the digest of manifest.json
  keys.txt        public keys, as a convenience
  qingkong-verify.pyz  the checker
  A change of any byte is named. Line ends that were turned into those of Windows on the way do no harm.
"""

TEXTS = {"zh": CHINESE, "en": ENGLISH}


def text(language: str, *, label: str, entries: int, at: datetime) -> str:
    """The text in `zh` or `en`."""
    return TEXTS[language].format(label=label, entries=entries, at=f"{local(at):%Y-%m-%d %H:%M}")
