"""What a file is, judged by its bytes; its name only decides about sidecars, part files and clutter.

Signatures are those of the formats' own specifications. TIFF-based RAW files are told from TIFF by `media.tiff`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mediaarchive.errors import BadInput
from mediaarchive.media import tiff
from mediaarchive.media.checksums import is_checksum_list
from mediaarchive.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_HEAD: Final = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Sniffed:
    """What the content says: `mime`, and `ext`, the canonical extension without dot."""

    kind: Kind
    mime: str
    ext: str


def _photo(mime: str, ext: str) -> Sniffed:
    return Sniffed(kind=Kind.PHOTO, mime=mime, ext=ext)


def _video(mime: str, ext: str) -> Sniffed:
    return Sniffed(kind=Kind.VIDEO, mime=mime, ext=ext)


def _other(mime: str, ext: str) -> Sniffed:
    return Sniffed(kind=Kind.OTHER, mime=mime, ext=ext)


_HEIC: Final = _photo("image/heic", "heic")
_AVIF: Final = _photo("image/avif", "avif")
_MP4: Final = _video("video/mp4", "mp4")
_MOV: Final = _video("video/quicktime", "mov")
_KNOWN: Final[tuple[tuple[bytes, Sniffed], ...]] = (
    (b"\xff\xd8\xff", _photo("image/jpeg", "jpg")),
    (b"\x89PNG\r\n\x1a\n", _photo("image/png", "png")),
    (b"GIF87a", _photo("image/gif", "gif")),
    (b"GIF89a", _photo("image/gif", "gif")),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", _photo("image/jp2", "jp2")),
    (b"\xff\x4f\xff\x51", _photo("image/j2c", "j2k")),
    (b"FUJIFILMCCD-RAW", _other("image/x-fuji-raf", "raf")),
    (b"IIRO", _other("image/x-olympus-orf", "orf")),
    (b"IIRS", _other("image/x-olympus-orf", "orf")),
    (b"MMOR", _other("image/x-olympus-orf", "orf")),
    (b"IIU\x00", _other("image/x-panasonic-rw2", "rw2")),
    (b"II\x1a\x00\x00\x00HEAPCCDR", _other("image/x-canon-crw", "crw")),
    (b"\x00MRM", _other("image/x-minolta-mrw", "mrw")),
    (b"FOVb", _other("image/x-sigma-x3f", "x3f")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _video("video/x-ms-asf", "wmv")),
    (b"FLV\x01", _video("video/x-flv", "flv")),
    (b"\x00\x00\x01\xba", _video("video/mpeg", "mpg")),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", _video("application/mxf", "mxf")),
    (b"%PDF-", Sniffed(kind=Kind.DOCUMENT, mime="application/pdf", ext="pdf")),
)

# Brands of ISO base media files (mp4ra.org). A file is what its major brand says, else what its compatible brands say.
_BRANDS: Final[dict[bytes, Sniffed | None]] = {
    **dict.fromkeys((b"avif", b"avis"), _AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), _HEIC),
    b"crx ": _other("image/x-canon-cr3", "cr3"),
    b"qt  ": _MOV,
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ", b"aax ", b"aaxc"), None),
}
_HEIF_FAMILY: Final = frozenset(
    {b"mif1", b"mif2", b"msf1", b"miaf", b"MiHB", b"MiHE", b"1pic", b"jpeg", b"j2ki", b"vvic"}
)
_OLD_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})

_ARCHIVES: Final = (
    b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a\x07", b"RE~^", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"!<arch>\n", b"xar!", b"MSCF", b"\x60\xea", b"07070", b"\xc7\x71",
)  # fmt: skip
_PROGRAMS: Final = (
    b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\x00asm", b"#!", b"<?php",
)  # fmt: skip
_SOUNDS: Final = (b"ID3", b"fLaC", b"MThd", b"#!AMR", b"caff", b".snd", b"wvpk", b"MAC ", b"OggS")
_FOREIGN: Final = (
    (0, b"BPG\xfb", "BPG"), (0, b"DDS ", "DDS"), (0, b"BLP1", "BLP"), (0, b"BLP2", "BLP"), (128, b"DICM", "DICOM"),
    (0, b"%!PS", "PostScript"), (0, b"\xc5\xd0\xd3\xc6", "PostScript"), (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "HDR"), (0, b"\x01\xda", "SGI"), (0, b"gimp xcf", "GIMP"), (0, b"YUV4MPEG2", "raw video"),
    (0, b"\x8aMNG", "MNG"),
)  # fmt: skip
_OLD_OFFICE: Final = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
_PACKED_OFFICE: Final = (
    b"[Content_Types].xml", b"_rels/", b"word/", b"xl/", b"ppt/", b"docProps/", b"mimetypeapplication/vnd.oasis.opendocument",
)  # fmt: skip
_PLAYLIST: Final = re.compile(rb"#EXTM3U|ffconcat version|\[playlist\]|\[Reference\]", re.IGNORECASE)
_XML_PLAYLIST: Final = re.compile(rb"<(asx|(\w+:)?MPD|smil)\b", re.IGNORECASE)
_WEB_PAGE: Final = re.compile(rb"<(!doctype html|html|head|body|script|title|meta|iframe|div|p|h1)\b", re.IGNORECASE)
_SVG: Final = re.compile(rb"<(\w+:)?svg\b", re.IGNORECASE)
_REASONS: Final = {
    "jpeg-xl": "This is a JPEG XL picture, which can't be read yet; export it as JPEG.",
    "photoshop": "This is a Photoshop document; export the finished picture as JPEG, and send that.",
    "icon": "This is an icon, not a photo; leave it out.",
    "archive": "This is a packed file (ZIP, RAR…); unpack it, and send the photos themselves.",
    "office-document": "This is an Office document, not a photo: export it as PDF, and send that; photos inside it are best "
    "sent as they were. A table of texts about photos is called texts.xlsx, texts.ods or texts.csv.",
    "audio": "This is a sound recording, not a photo or a film; if it belongs to a film, send the film itself.",
    "executable": "This is a program, not a photo; don't open it, and ask whoever sent it.",
    "git-lfs-pointer": "This only points to a photo kept in Git LFS; run “git lfs pull”, and send the photo itself.",
    "playlist": "This is a playlist that points to a film, not a film; send the film itself.",
    "svg": "This is a drawing (SVG), which may carry scripts; export it as PNG.",
    "web-page": "This is a web page saved under a photo's name, not a photo; "
    "open the link in a browser and download the picture itself.",
    "text": "This is a text file, not a photo; texts about photos belong in texts.csv (or .xlsx, .ods) or event.toml.",
}


def sniff(path: Path) -> Sniffed:
    """What `path` is, by its first bytes (and, for TIFF, its first directories).

    Raises:
        BadInput: it is nothing that can be shown or kept; the code says what it is instead, the reason what to do.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head[:4] in tiff.SIGNATURES:
            return _sniff_tiff(tiff.summary(file))
    if not head:
        raise BadInput("empty", "This file is empty (0 bytes); send the photo again.")
    if not head.strip(b"\x00"):
        raise BadInput("incomplete", "Nothing of this file's content has arrived, only zeros; send it again.")
    found = _by_signature(head) or _by_container(head) or _by_structure(head)
    if found is None:
        raise _refusal(head)
    return found


def _by_signature(head: bytes) -> Sniffed | None:
    return next((found for magic, found in _KNOWN if head.startswith(magic)), None)


def _by_container(head: bytes) -> Sniffed | None:
    """ISO base media, RIFF, Matroska and Ogg: one signature, many kinds."""
    if head[4:8] == b"ftyp":
        return _iso(head)
    if head[4:8] in _OLD_QUICKTIME and head[0] < 0x80:
        return _MOV
    if head.startswith(b"RIFF"):
        form = {b"WEBP": _photo("image/webp", "webp"), b"AVI ": _video("video/x-msvideo", "avi")}
        return form.get(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _video("video/webm", "webm") if b"webm" in head[:64] else _video("video/x-matroska", "mkv")
    if head.startswith(b"OggS") and re.search(rb"\x80theora|BBCD\x00|OVP80|\x01video", head):
        return _video("video/ogg", "ogv")
    return None


def _iso(head: bytes) -> Sniffed:
    size = int.from_bytes(head[:4])
    listed = head[16 : max(16, min(size, len(head)))]
    brands = [head[8:12], *(listed[i : i + 4] for i in range(0, len(listed) - 3, 4))]
    if brands[0][:3] in {b"3gp", b"3g2", b"3ge", b"3gg", b"3gs"}:
        return _video("video/3gpp2", "3g2") if brands[0][:3] == b"3g2" else _video("video/3gpp", "3gp")
    for brand in brands:
        if brand in _BRANDS:
            found = _BRANDS[brand]
            if found is None:
                raise BadInput("audio", _REASONS["audio"])
            # An .mp4 often lists "qt  " among its compatible brands: only the major brand makes a QuickTime file.
            if found is not _MOV or brand is brands[0]:
                return found
    return _photo("image/heif", "heif") if _HEIF_FAMILY.intersection(brands[:1]) else _MP4


def _by_structure(head: bytes) -> Sniffed | None:
    """Formats whose signature is too short to trust alone."""
    for packet, first in ((188, 0), (192, 4)):
        syncs = range(first, min(len(head), 5 * packet), packet)
        if len(syncs) >= 3 and all(head[at] == 0x47 for at in syncs):
            return _video("video/mp2t", "ts")
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in {12, 16, 40, 52, 56, 64, 108, 124}:
        return _photo("image/bmp", "bmp")
    return None


def _sniff_tiff(summary: tiff.Summary) -> Sniffed:
    if summary.raw is not None:
        return _other(*summary.raw)
    return _photo("image/tiff", "tif")


def _refusal(head: bytes) -> BadInput:
    """Why nothing can be done with it, as specifically as its first bytes allow."""
    text = _as_text(head)
    code = next((code for code, test in _BINARY_TESTS if test(head)), None)
    if code is None and text is not None:
        code = next((code for code, test in _TEXT_TESTS if test(text.lstrip())), None)
    return BadInput(code, _REASONS[code]) if code else _unknown(head)


def _is_icon(head: bytes) -> bool:
    return (head[:4] in {b"\x00\x00\x01\x00", b"\x00\x00\x02\x00"} and head[5:6] == b"\x00") or head.startswith(b"icns")


def _is_office(head: bytes) -> bool:
    """Of Word, Excel, PowerPoint or OpenDocument, by the name of the first file that is packed in it; or of their elders."""
    return head.startswith(_OLD_OFFICE) or (head.startswith(b"PK\x03\x04") and head[30:].startswith(_PACKED_OFFICE))


def _is_archive(head: bytes) -> bool:
    return head.startswith(_ARCHIVES) or head[257:262] == b"ustar"


def _is_sound(head: bytes) -> bool:
    if head.startswith(_SOUNDS) or (head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:12] == b"WAVE"):
        return True
    if head.startswith(b"FORM") and head[8:11] == b"AIF":
        return True
    # An MPEG audio or ADTS frame: eleven sync bits, no reserved version or layer 0xFF, no reserved bit rate.
    return len(head) > 2 and head[0] == 0xFF and 0xE0 <= head[1] < 0xFE and head[2] & 0xF0 != 0xF0


def _is_playlist(text: bytes) -> bool:
    return bool(_PLAYLIST.match(text)) or (text.startswith(b"<") and bool(_XML_PLAYLIST.search(text[:1024])))


def _is_drawing(text: bytes) -> bool:
    """A web page may contain drawings, and a drawing scripts: what comes first is what it is."""
    page, drawing = _WEB_PAGE.search(text), _SVG.search(text)
    return text.startswith(b"<") and drawing is not None and (page is None or drawing.start() < page.start())


def _is_web_page(text: bytes) -> bool:
    return text.startswith(b"<") and _WEB_PAGE.search(text[:1024]) is not None


def _is_plain_text(text: bytes) -> bool:
    return not any(text.startswith(magic) for at, magic, _ in _FOREIGN if at == 0)


_BINARY_TESTS: Final[tuple[tuple[str, Callable[[bytes], bool]], ...]] = (
    ("jpeg-xl", lambda head: head.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n"))),
    ("photoshop", lambda head: head.startswith(b"8BPS")),
    ("icon", _is_icon),
    ("office-document", _is_office),
    ("archive", _is_archive),
    ("audio", _is_sound),
    ("executable", lambda head: head.startswith(_PROGRAMS)),
)
_TEXT_TESTS: Final[tuple[tuple[str, Callable[[bytes], bool]], ...]] = (
    ("git-lfs-pointer", lambda text: text.startswith(b"version https://git-lfs.github.com/spec/")),
    ("playlist", _is_playlist),
    ("svg", _is_drawing),
    ("web-page", _is_web_page),
    ("executable", lambda text: text.startswith(_PROGRAMS)),
    ("text", _is_plain_text),
)


def _as_text(head: bytes) -> bytes | None:
    """`head` as UTF-8 without byte order mark, or None where it is no text."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            head = head[2:].decode(encoding, "ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return None
    try:
        head[: _HEAD - 4].decode()
    except UnicodeDecodeError as error:
        return head if error.start > len(head) - 4 else None
    return head


def _unknown(head: bytes) -> BadInput:
    for at, magic, name in _FOREIGN:
        if head[at : at + len(magic)] == magic:
            return BadInput(
                "unknown-type",
                f"This is a {name} file, which can't be shown on a website; export it as JPEG.",
                format=name,
            )
    shown = re.sub(r"[^ -~]+", "·", head[:12].decode("latin-1")).strip(" ·")
    start = f" (it starts with “{shown}”)" if shown else ""
    params = {"start": shown} if shown else {}
    reason = f"This is no photo or film that can be read{start}; export it as JPEG or MP4."
    return BadInput("unknown-type", reason, **params)


_ALIKE: Final = (
    "jpg jpeg jpe jfif jif jps mpo", "tif tiff", "heic heif hif heics heifs", "avif avifs", "bmp dib",
    "jp2 j2k jpx jpf jpc j2c jpm", "gif", "png apng", "webp", "pdf", "mp4 m4v mp4v mov qt 3gp 3gpp 3g2 f4v insv lrv",
    "mkv mk3d", "webm mkv",
    "ts mts m2ts m2t tod trp", "mpg mpeg mpe vob mod m2p ps", "avi divx", "wmv asf", "flv f4v", "ogv ogg ogm", "mxf",
    "nef nrw", "arw sr2 srf", "dng", "cr2", "cr3", "crw", "raf", "orf ori", "rw2 rwl raw", "pef ptx", "srw",
)  # fmt: skip


def extension_lies(name: str, sniffed: Sniffed) -> bool:
    """Whether the name promises another format than the content is.

    No extension is no lie; MP4, MOV and 3GP are one family.
    """
    said = os.path.splitext(name)[1][1:].lower()  # noqa: PTH122 - a name, not a path: it may hold undecodable bytes
    if not said or said == sniffed.ext:
        return False
    return not any(said in group.split() and sniffed.ext in group.split() for group in _ALIKE)


# What programs call a file that is on its way: browsers, FTP clients, rsync, Nextcloud, Syncthing, iCloud, Resilio.
_PARTIAL: Final = re.compile(
    r".*\.(part|partial|filepart|crdownload|opdownload|download|aria2|icloud|!ut|!sync|bts|tmp|temp|upload)"
    r"|.*\.ocTransferId\d+.*|.*~|.*\.~[0-9a-f]+|\.in\..+|[.~]syncthing[.~].*|\..+\.\w{2,4}\.[A-Za-z0-9]{6}",
    re.IGNORECASE | re.DOTALL,
)
_CLUTTER: Final = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "picasa.ini", "zbthumbnail.info"})

# What cameras and programs write beside their pictures for themselves: proxies and thumbnails of films (their content is that
# of a film, or a picture), edits that only one program reads, indexes of a card.
_COMPANIONS: Final = re.compile(
    r".+\.(?:aae|lrv|thm|ctg|mrk|pp3|dop|cos|cot|cop|on1|vrd|nksc|arp|lrprev|bridgesort|bdm|cpi|mpl|ppn|bim|ifo|bup)"
    r"|[a-z]\w*m\d\d\.xml|mediapro\.xml|cueup\.xml|discmeta\.xml|status\.bin",
    re.IGNORECASE | re.DOTALL,
)


# The sheet of texts and consents: one of these, not several.
SHEETS: Final = ("texts.csv", "texts.ods", "texts.xlsx")


def is_partial(name: str) -> bool:
    """Whether a file of this name is still on its way: it waits, and will appear under another name."""
    return not name.startswith("._") and _PARTIAL.fullmatch(name) is not None


def is_ignorable(name: str) -> bool:
    """Whether a system or a program left this file: dot files, thumbnail caches, lock files, what cameras write for themselves."""
    left = name.startswith((".", "~$")) or name.lower() in _CLUTTER or _COMPANIONS.fullmatch(name) is not None
    return left and not is_partial(name)


def sidecar_kind(name: str) -> str | None:
    """What a sidecar of this name says: `event`, `sheet`, `xmp`, `captions` or `checksums`; None where it is no sidecar."""
    lower = name.lower()
    if is_ignorable(name) or is_partial(name):
        return None
    if lower == "event.toml":
        return "event"
    if lower in SHEETS:
        return "sheet"
    if is_checksum_list(name):
        return "checksums"
    return {"xmp": "xmp", "vtt": "captions", "srt": "captions"}.get(lower.rpartition(".")[2]) if "." in lower else None


def sheet_name(path: str) -> str:
    """What a folder's sheet is called whatever its format; empty where the path is no sheet's.

    >>> sheet_name("day 2/Texts.XLSX"), sheet_name("list.csv")
    ('day 2/texts', '')
    """
    folder, _, name = path.rpartition("/")
    if sidecar_kind(name) != "sheet":
        return ""
    return f"{folder}/texts" if folder else "texts"
