"""What may go into a case file: papers the system issued and registered evidence. Read from the rooms that own them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from qingkong.domains.enforcement.dossiers import rules
from qingkong.domains.enforcement.evidence import queries as evidence
from qingkong.kernel import papers, vault
from qingkong.kernel.access import Actor

LEFT_ASIDE = frozenset({"property.label", "dossiers.catalogue", "dossiers.cover"})
"""Kinds of paper that are no part of a file: labels, the catalogue itself, covers."""

EVIDENCE_KIND, RECORD_KIND = "evidence", "record"


@dataclass(frozen=True, slots=True)
class Available:
    """Something that may go into the file. `key` is the subject key of what it comes from."""

    source: rules.Source
    key: str
    kind: str
    title: str
    number: str
    sha256: str
    made_at: datetime
    responsible: str


def available(case: Any, *, actor: Actor) -> list[Available]:
    """All papers of a case, of its reports and its exhibits, and the evidence the actor may see."""
    return [*issued(case), *registered(case, actor)]


def issued(case: Any) -> list[Available]:
    """Papers the system issued in a case; a report's papers carry the report's number."""
    threads = [case.number, *case.reports.values_list("number", flat=True)]
    found = papers.Paper.objects.filter(thread__in=threads).exclude(kind__in=LEFT_ASIDE).order_by("issued_at", "id")
    return [
        Available(
            source=rules.Source.EXPLANATION if one.kind == "dossiers.explanation" else rules.Source.PAPER,
            key=one.subject_key, kind=one.kind, title=one.title.in_chinese(), number=one.number, sha256=one.sha256,
            made_at=one.issued_at, responsible=one.issued_by,
        )
        for one in found
    ]  # fmt: skip


def registered(case: Any, actor: Actor) -> list[Available]:
    """Evidence of a case and of its call. Its name in the list is its kind and note: file names may name people."""
    return [
        Available(
            source=rules.Source.EVIDENCE, key=one.subject_key, kind=EVIDENCE_KIND,
            title=f"{one.kind_label.in_chinese()}{f'：{one.note}' if one.note else ''}", number=one.number,
            sha256=one.original_id, made_at=one.received_at, responsible=one.registered_by_name,
        )
        for one in evidence.of_link(case, actor=actor)
    ]  # fmt: skip


def pages_in(sha256: str) -> int:
    """How many pages a blob takes in a file: a PDF's own, one for a picture, none for anything else."""
    with vault.open(sha256) as content:
        head = content.read(16)
        if head.startswith(b"%PDF-"):
            content.seek(0)
            return _pdf_pages(content)
    return 1 if _is_picture(head) else 0


def _pdf_pages(content: BinaryIO) -> int:
    import pypdfium2  # here, for a process that counts no pages starts in a tenth of a second less

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:  # a damaged or locked PDF still is one sheet in the file
        return 1
    try:
        return max(len(document), 1)
    finally:
        document.close()


def _is_picture(head: bytes) -> bool:
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM")) or head[8:12] == b"WEBP"
