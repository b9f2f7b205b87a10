"""QR codes as SVG: crisp on paper, small in a page."""

import io

import segno


def qr_svg(text: str, *, border: int = 2) -> str:
    """A QR code of `text` as one SVG document, error correction M, the quiet zone included."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", border=border, xmldecl=False, omitsize=True, light="white"
    )
    return out.getvalue().decode()
