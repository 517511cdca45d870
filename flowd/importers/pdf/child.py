"""The process that takes a PDF apart: what a hostile file breaks or exhausts there harms nothing else.

It reads the file from its input and writes JSON: the lines of every page, or why there are none.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from flowd.importers.pdf.layout import Glyph, lay_out

if TYPE_CHECKING:
    from pdfminer.layout import LTPage

MOST_PAGES: Final = 2_000
MOST_GLYPHS: Final = 5_000_000
_MEMORY: Final = 1_500 << 20
_SECONDS: Final = 60
_DEEPEST: Final = 20


class Refused(Exception):
    """Why a PDF is not read, in words for its owner."""


def limit_myself() -> None:
    """Give this process a bound of memory and time, where the system knows any."""
    try:
        import resource
    except ImportError:  # Windows has none; the caller's clock still holds
        return
    for what, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _SECONDS), (resource.RLIMIT_FSIZE, 0)):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            continue  # a lower one is set already, or this system has no such limit


def read_pages(data: bytes) -> list[list[str]]:
    """Return the lines of every page; Refused where there is no text to be had."""
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfinterp import PDFResourceManager
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    from flowd.importers.pdf.unpacking import Measuring, TooLarge

    try:
        document = PDFDocument(PDFParser(io.BytesIO(data)))
    except PDFPasswordIncorrect:
        raise Refused(
            "it is locked with a password: open it, print it into a new PDF without one, and import that"
        ) from None
    except PDFEncryptionError as error:
        raise Refused(f"it is encrypted in a way not known ({error}): print it into a new PDF") from None
    resources = PDFResourceManager()
    device = PDFPageAggregator(resources, laparams=None)
    interpreter = Measuring(resources, device)
    pages: list[list[str]] = []
    total = unknown = 0
    for number, page in enumerate(PDFPage.create_pages(document), 1):
        if number > MOST_PAGES:
            raise Refused(f"it has more than {MOST_PAGES:,} pages: split it")
        try:
            interpreter.process_page(page)
        except TooLarge as error:
            raise Refused(str(error)) from None
        glyphs = list(_glyphs(device.get_result()))
        total += len(glyphs)
        unknown += sum(glyph.text.startswith("(cid:") for glyph in glyphs)
        if total > MOST_GLYPHS:
            raise Refused(f"it holds more than {MOST_GLYPHS:,} characters: split it")
        pages.append(lay_out(glyphs))
    if not pages:
        raise Refused("it has no pages: the download may have broken off")
    if total < 20:
        raise Refused(
            "its pages are pictures, without text: let a text recognition (OCR) add it, or ask for another file"
        )
    if unknown * 4 > total:
        raise Refused("its fonts do not say which characters they show: print it into a new PDF, or use another file")
    return pages


def _glyphs(page: LTPage) -> Iterator[Glyph]:
    stack: list[tuple[Any, int]] = [(page, 0)]
    from pdfminer.layout import LTChar, LTContainer

    while stack:
        item, depth = stack.pop()
        if isinstance(item, LTChar):
            if item.upright and item.matrix[0] > 0:
                size = max(item.height, 0.1)
                yield Glyph(text=item.get_text(), left=item.x0, right=item.x1, base=item.matrix[5], size=size)
        elif isinstance(item, LTContainer) and depth < _DEEPEST:
            stack += [(child, depth + 1) for child in item]


def answer_for(data: bytes) -> dict[str, object]:
    """Return the lines of every page, or why there are none: whatever the file does to the library."""
    try:
        return {"pages": read_pages(data)}
    except Refused as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": f"reading it takes more than {_MEMORY >> 20:,} MB: it is damaged, or made to do harm"}
    except RecursionError:
        return {"refused": "its objects hold each other without end: it is damaged, or made to do harm"}
    except Exception as error:  # whatever a damaged file makes the library raise, the owner is told
        return {"refused": f"it is damaged ({type(error).__name__}: {str(error)[:200]}): download it again"}


def main() -> None:
    """Read the PDF from the input and write what it says to the output."""
    limit_myself()
    logging.disable(logging.CRITICAL)
    sys.stdout.write(json.dumps(answer_for(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
