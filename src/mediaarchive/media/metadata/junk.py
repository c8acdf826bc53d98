"""Texts that nobody wrote: what cameras and programs put where a caption, a title or a name belongs.

Counted on 8,192 real files: camera defaults, programs' signatures, JSON, file names, agency numbers.
"""

from __future__ import annotations

import re
from typing import Final

_MAKERS: Final = (
    r"olympus|sony|epson|sanyo|kodak|minolta|konica|samsung|nikon|canon|fuji(film)?|casio|ricoh|pentax|panasonic|leica|"
    r"hewlett[- ]packard|hp|jvc|toshiba|vivitar|polaroid|benq|agfa|sigma|kyocera|medion|premier|ge"
)
_JUNK: Final = re.compile(
    rf"""
    # OLYMPUS DIGITAL CAMERA, SONY DSC, EPSON DSC picture
    (?:(?:{_MAKERS})\W*)*(?:digital\s*(?:still\s*)?camera|dsc|dsc\s*picture|digital\s*imaging|picture)
    | (?:{_MAKERS}|wwl|dcf\s*\d.*|maginon.*|<.*>)  # SAMSUNG, DCF 1.0, <Digimax i50 MP3 …>
    | (?:created|edited|processed|made|taken|optimi[sz]ed)\s+(?:with|by|in|using)\s+(?:the\s+)?
      (?:gimp|snapseed|vsco|picasa|canva|photoshop|lightroom|jpegmini|paint\.net|instagram).*
    | file\s+written\s+by\s+adobe.* | lead\s+technologies.* | acd\s+systems.* | (?:software:?\s+)?adobe\s+photoshop.*
    | exif[_\s]*jpeg[_\s]*(?:picture)? | jpeg\s*encoder.* | binary\s+comment | image\s*description | charset\s*=.*
    | x-default | default | untitled(?:[-_ ]*design)?[-_ ]*\d* | 未命名設計[-_ ]*\d* | sans\s+titre[-_ ]*\d*
    | for\s+educational\s+use\s+only | screenshot | none | null | n/?a | unknown | undefined | no\s+description
    | dav | r?hdr | cof | edf | btf | nor | sdr | oznor | ptr | nfd | hdrpl | mde  # Huawei's scene codes
    | (?:maker|module|sharpness|albedo)\s*:.*
    | [\W\d_]+  # 000015, 82486881, ---
    | \{{.*\}} | \[\s*[\{{"].*\]  # JSON
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_FILE_NAME: Final = re.compile(
    r"(?:.*[\\/])?[^\\/\n]*[^\\/\s]\.(?:jpe?g|png|tiff?|heic|webp|gif|psd|nef|cr[23w]|arw|dng|raf|orf|rw2|mp4|mov|avif|bmp)"
    r"|(?:IMG|DSC[FN_]?|_?MG|PXL|MVI|VID|GOPR|GX|DJI|DCIM|WA|SAM|CIMG|KIC|IMGP|P)[-_ ]?\d{3,}[-_\w]*",
    re.IGNORECASE,
)
# In the place of an alternative text: that there is a picture, or that somebody meant to write one (en, fr, nl, es).
_NOTHING: Final = re.compile(
    r"(?:(?:image|photo|photograph|picture|pic|photographie|cliché|afbeelding|foto|plaatje|beeld|imagen|fotografía|alt|alt\s*text"
    r"|texte?\s+alternatif|todo|tbd|xxx+|à\s+(?:venir|compléter)|te\s+doen|por\s+hacer|pendiente|test|lorem\s+ipsum.*"
    r"|image\s+retirée|decorative|décorati(?:f|ve)|decoratie(?:f|ve)|decorativ[oa]|beschrijving|description|descripción)[\s.:!\d]*)",
    re.IGNORECASE,
)
_NOBODY: Final = re.compile(
    r"picasa|photographer|owner|user|admin|camera\s*owner|your\s*name|copyright|\(c\)|©|all rights reserved\.?"
    r"|\(c\) by .* user",
    re.IGNORECASE,
)
# An agency's number for the picture: 82486881, 040621-N-6536T-062, 01661gdx.
_REFERENCE: Final = re.compile(r"\d(?=(?:\S*\d){3})\S*")


def is_junk(text: str) -> bool:
    """Whether a (cleaned) caption, title or description is one that nobody wrote."""
    return not text or bool(_JUNK.fullmatch(text) or _FILE_NAME.fullmatch(text))


def is_reference(title: str) -> bool:
    """Whether a (cleaned) title is junk, or only a picture's number."""
    return is_junk(title) or bool(_REFERENCE.fullmatch(title))


def is_nobody(name: str) -> bool:
    """Whether a (cleaned) creator or copyright names nobody."""
    return is_junk(name) or bool(_NOBODY.fullmatch(name))


def says_nothing(text: str) -> bool:
    """Whether an alternative text describes nothing: a file's name, a placeholder, or what only a program writes.

    >>> says_nothing("IMG_4711.jpg"), says_nothing("Photo 3."), says_nothing("Logo of the city")
    (True, True, False)
    """
    plain = " ".join(text.split())
    return is_junk(plain) or bool(_NOTHING.fullmatch(plain))
