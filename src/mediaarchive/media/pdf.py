"""Documents: what a PDF is called, how many pages it has, and a picture of the first.

PDFs come from strangers: only workers open them, which have limits of time and memory.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.errors import BadInput
from mediaarchive.media.metadata.junk import is_junk
from mediaarchive.media.metadata.words import clean
from mediaarchive.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL import Image

COVER_EDGE: Final = 1920
"""The long edge, in pixels, that a cover is rendered at: pages have no pixels of their own."""

_LONGEST_TITLE: Final = 200
_FEWEST_POINTS, _MOST_POINTS = 8.0, 20_000.0  # of a page's side; 14,400 is PDF's own limit (ISO 32000-1, annex C)
_PASSWORD, _SECURITY = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
# What programs write as a title: the name of the file that they printed.
_PRINTED: Final = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel|publisher)|powerpoint presentation|pr[ée]sentation powerpoint)\b.*"
    r"|.*\.(?:docx?|odt|pptx?|odp|xlsx?|indd|pub|ai|pages|key|rtf|tex|dvi|cdr|qxd|html?|pdf|eps|ps)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """What a PDF says of itself. `width`, `height`: of its cover in pixels, the long edge `COVER_EDGE`."""

    pages: int
    width: int
    height: int
    texts: tuple[Text, ...]


def read_pdf(path: Path) -> Paper:
    """Read a PDF's title and number of pages, and prove that its first page can be shown.

    Raises:
        BadInput: `pdf-locked`: it needs a password. `pdf-damaged`: it can't be opened, or has no page that can be shown.
    """
    with _opened(path) as document:
        image = _cover(document)
        title = _title(document)
        texts = (Text(kind="title", lang="und", text=title, state="provided", source="embedded"),) if title else ()
        return Paper(pages=len(document), width=image.width, height=image.height, texts=texts)


def cover(path: Path) -> Image.Image:
    """The first page: sRGB on white, mode RGB, long edge `COVER_EDGE`.

    Raises:
        BadInput: as `read_pdf`.
    """
    with _opened(path) as document:
        return _cover(document)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import pypdfium2  # noqa: PLC0415 - 8 MB that only workers with a document need

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in {_PASSWORD, _SECURITY}:
            raise BadInput(
                "pdf-locked", "This PDF is protected by a password; save it without one, and send it again."
            ) from error
        raise _damaged() from error
    try:
        yield document
    except pypdfium2.PdfiumError as error:
        raise _damaged() from error
    finally:
        document.close()


def _cover(document: Any) -> Image.Image:  # noqa: ANN401 - an untyped library
    if not len(document):
        raise _damaged()
    page = document[0]
    width, height = page.get_size()
    if not (_FEWEST_POINTS <= width <= _MOST_POINTS and _FEWEST_POINTS <= height <= _MOST_POINTS):
        raise _damaged()
    # Forms and their scripts stay asleep: only what is printed is drawn.
    bitmap = page.render(scale=COVER_EDGE / max(width, height), may_draw_forms=False, rev_byteorder=True)
    image: Image.Image = bitmap.to_pil().convert("RGB")
    image.thumbnail((COVER_EDGE, COVER_EDGE))
    return image


def _title(document: Any) -> str:  # noqa: ANN401 - an untyped library
    text = clean(str(document.get_metadata_value("Title") or ""))
    return "" if is_junk(text) or _PRINTED.fullmatch(text) or len(text) > _LONGEST_TITLE else text


def _damaged() -> BadInput:
    return BadInput("pdf-damaged", "This PDF can't be opened; export it again, and send the new file.")
