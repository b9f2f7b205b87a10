"""What a file is, by its first bytes. The name is not asked."""

import re

import filetype

HEAD = 8192  # bytes looked at
UNKNOWN = "application/octet-stream"

_MAGIC: list[tuple[bytes, str]] = [
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"dex\n", "application/vnd.android.dex"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (b"#!", "application/x-shellscript"),
]
_ATOMS = re.compile(rb"^.{4}(?:moov|mdat|wide|free|skip|pnot)", re.DOTALL)
_HTML = re.compile(
    rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|iframe)\b", re.IGNORECASE | re.DOTALL
)
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_XML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml\b", re.IGNORECASE)

REGISTERED = {"audio/x-wav": "audio/wav", "audio/x-flac": "audio/flac", "video/x-m4v": "video/mp4"}
"""Names that browsers know for those that the sniffing library still gives."""


def content_type_of(head: bytes) -> str:
    """The content type of a file that begins with these bytes; UNKNOWN where nothing fits."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if _HTML.match(head):
        return "text/html"
    if _XML.match(head) or head.lstrip()[:4].lower() == b"<svg":
        return "image/svg+xml" if _SVG.search(head) else "text/xml"
    found = filetype.guess(head)
    if found is not None:
        return REGISTERED.get(found.mime, str(found.mime))
    if _ATOMS.match(head):  # QuickTime before `ftyp` was invented
        return "video/quicktime"
    if _is_transport_stream(head):
        return "video/mp2t"
    return "text/plain" if _is_text(head) else UNKNOWN


def _is_transport_stream(head: bytes) -> bool:
    """MPEG-TS: a sync byte every 188 bytes; camcorders put four bytes before each packet."""
    for start, step in ((0, 188), (4, 192)):
        if len(head) > start + 4 * step and all(head[start + n * step] == 0x47 for n in range(5)):
            return True
    return False


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head[: len(head) - 4 if len(head) >= HEAD else None].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
