"""What the packed parts of a PDF hold, measured before they are read: a few KB may unpack to gigabytes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdftypes import LITERALS_FLATE_DECODE, PDFStream, resolve1

if TYPE_CHECKING:
    from pdfminer.pdfdevice import PDFDevice
    from pdfminer.pdfinterp import PDFResourceManager

#: A page of a statement unpacks to some 100 KB; pages of drawings to a few MB.
MOST_UNPACKED: Final = 16 << 20
MOST_IN_ALL: Final = 256 << 20
#: No text on a page is longer; the library takes time with the square of it.
_LONGEST: Final = 1 << 20
_TOKEN: Final = re.compile(rb"[^\s()<>\[\]]+|\([^()]*|<[^<>]*")


class TooLarge(Exception):
    """A part of the PDF unpacks to more than any statement holds, in words for its owner."""


def measure(data: bytes, filters: Sequence[tuple[object, object]], most: int) -> int:
    """Return the size `data` unpacks to, or at least `most` + 1 where it is larger than `most`.

    Only the packing that makes small things huge is undone; what is packed otherwise keeps its size.
    """
    for name, _ in filters:
        if name not in LITERALS_FLATE_DECODE:
            break
        packed = zlib.decompressobj()
        try:
            data = packed.decompress(data, most + 1)
        except zlib.error:
            break  # damaged: the library gives up on it as well
    return len(data)


class Measuring(PDFPageInterpreter):
    """Interprets pages, and refuses a part that unpacks to more than a page can hold."""

    def __init__(self, resources: PDFResourceManager, device: PDFDevice, total: list[int] | None = None) -> None:
        super().__init__(resources, device)
        # A form within a page has an interpreter of its own: all count into one sum.
        self._total = [0] if total is None else total

    def dup(self) -> Measuring:
        """Return an interpreter for a form within the page."""
        return type(self)(self.rsrcmgr, self.device, self._total)

    def execute(self, streams: Sequence[object]) -> None:
        """Run the parts of a page once their size is known."""
        for each in streams:
            stream = resolve1(each)
            if isinstance(stream, PDFStream):
                self._check(stream)
        super().execute(streams)

    def _check(self, stream: PDFStream) -> None:
        if stream.rawdata is None:
            return  # measured before: a logo is drawn on every page
        packed = stream.rawdata
        if stream.decipher and stream.objid is not None and stream.genno is not None:
            packed = stream.decipher(stream.objid, stream.genno, packed, stream.attrs)
        size = measure(packed, stream.get_filters(), MOST_UNPACKED)
        data = stream.get_data() if size <= MOST_UNPACKED else b""
        if max(size, len(data)) > MOST_UNPACKED:
            raise TooLarge(f"a part of a page unpacks to more than {MOST_UNPACKED >> 20} MB: it is made to do harm")
        self._total[0] += len(data)
        if self._total[0] > MOST_IN_ALL:
            raise TooLarge(f"its pages unpack to more than {MOST_IN_ALL >> 20} MB: split it")
        if len(data) > _LONGEST and any(m.end() - m.start() > _LONGEST for m in _TOKEN.finditer(data)):
            raise TooLarge(f"a text or number in it is longer than {_LONGEST:,} characters: it is made to do harm")
