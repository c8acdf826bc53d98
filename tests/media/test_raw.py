"""RAW files by structure: where each maker hides the picture, how the camera was held, and what it says of the shot."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from mediaarchive.errors import BadInput
from mediaarchive.media.metadata import read_metadata
from mediaarchive.media.picture import open_picture
from mediaarchive.media.raw import PREVIEW, displayable
from mediaarchive.media.sniff import sniff

Entry = tuple[int, int, int, bytes | int]
LARGE, SMALL = (1200, 800), (160, 120)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>'
    b'<rdf:li xml:lang="fr">Le ch\xc5\x93ur</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>'
)


def jpeg(size: tuple[int, int], exif: Image.Exif | None = None) -> bytes:
    stream = io.BytesIO()
    image = Image.new("RGB", size, (10, 20, 200))
    image.paste((250, 10, 10), (0, 0, size[0], size[1] // 4))  # red at the top
    image.save(stream, "JPEG", exif=exif or Image.Exif())
    return stream.getvalue()


def directory(body: bytearray, entries: list[Entry], following: int = 0) -> int:
    """Append a directory (little-endian) and what its entries point at; where it starts."""
    rows = []
    for tag, kind, count, value in sorted(entries, key=lambda entry: entry[0]):
        inline = value if isinstance(value, bytes) else struct.pack("<I", value)
        if len(inline) > 4:
            inline = struct.pack("<I", stored(body, inline))
        rows.append(struct.pack("<HHI", tag, kind, count) + inline.ljust(4, b"\0"))
    at = len(body)
    body += struct.pack("<H", len(rows)) + b"".join(rows) + struct.pack("<I", following)
    return at


def ascii_(tag: int, text: str) -> Entry:
    return tag, 2, len(text) + 1, text.encode() + b"\0"


def camera(body: bytearray, make: str, turn: int) -> list[Entry]:
    shot = directory(body, [ascii_(36867, "2024:05:01 12:00:00")])
    return [ascii_(271, make), ascii_(272, "X1"), (274, 3, 1, turn), (34665, 4, 1, shot), (700, 1, len(XMP), XMP)]


def stored(body: bytearray, data: bytes) -> int:
    at = len(body)
    body += data + bytes(len(data) % 2)
    return at


def start(body: bytearray, first: int) -> bytes:
    body[4:8] = struct.pack("<I", first)
    return bytes(body)


def cr2(turn: int) -> bytes:
    """Canon: the picture in full size in the first directory's strip, a thumbnail in the second, lossless data in the last."""
    body = bytearray(b"II*\0\0\0\0\0CR\x02\0" + bytes(4))
    preview, thumb = jpeg(LARGE), jpeg(SMALL)
    lossless = bytearray(jpeg((2000, 1500)))
    lossless[lossless.index(b"\xff\xc0") + 1] = 0xC3
    sensor = [(259, 3, 1, 6), (273, 4, 1, stored(body, bytes(lossless))), (279, 4, 1, len(lossless))]
    second = directory(body, [(513, 4, 1, stored(body, thumb)), (514, 4, 1, len(thumb))], directory(body, sensor))
    strip = [(259, 3, 1, 6), (273, 4, 1, stored(body, preview)), (279, 4, 1, len(preview))]
    return start(body, directory(body, [*camera(body, "Canon", turn), *strip], second))


def nef(turn: int) -> bytes:
    """Nikon: a tiny picture first, the large one and the sensor's data in sub-directories."""
    body = bytearray(b"II*\0\0\0\0\0")
    preview = jpeg(LARGE)
    large = directory(body, [(259, 3, 1, 6), (513, 4, 1, stored(body, preview)), (514, 4, 1, len(preview))])
    place = stored(body, b"\x55" * 9000)
    sensor = directory(body, [(259, 3, 1, 34713), (262, 3, 1, 32803), (273, 4, 1, place), (279, 4, 1, 9000)])
    subs = (330, 4, 2, struct.pack("<II", large, sensor))
    return start(body, directory(body, [*camera(body, "NIKON CORPORATION", turn), (254, 4, 1, 1), subs]))


def arw(turn: int) -> bytes:
    """Sony: the picture beside the first directory, the sensor's data in a sub-directory."""
    body = bytearray(b"II*\0\0\0\0\0")
    preview = jpeg(LARGE)
    place = stored(body, b"\x55" * 9000)
    sensor = directory(body, [(259, 3, 1, 32767), (262, 3, 1, 32803), (273, 4, 1, place), (279, 4, 1, 9000)])
    beside = [(254, 4, 1, 1), (513, 4, 1, stored(body, preview)), (514, 4, 1, len(preview)), (330, 4, 1, sensor)]
    return start(body, directory(body, [*camera(body, "SONY", turn), *beside]))


def olympus(turn: int, signature: bytes, make: str) -> bytes:
    """Olympus and Panasonic: the picture where only their maker notes say."""
    body = bytearray(signature.ljust(8, b"\0"))
    place = stored(body, b"\x55" * 9000)
    stored(body, jpeg(LARGE))
    return start(body, directory(body, [*camera(body, make, turn), (273, 4, 1, place), (279, 4, 1, 9000)]))


def raf(turn: int) -> bytes:
    """Fujifilm: a header that says where a whole JPEG is, which has the EXIF."""
    exif = Image.Exif()
    exif[271], exif[272], exif[274] = "FUJIFILM", "X1", turn
    exif.get_ifd(0x8769)[36867] = "2024:05:01 12:00:00"
    preview = jpeg(LARGE, exif)
    head = b"FUJIFILMCCD-RAW 0201FF383501".ljust(84, b"\0") + struct.pack(">IIIIII", 148, len(preview), 0, 0, 0, 0)
    return head.ljust(148, b"\0") + preview + b"\x55" * 9000


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data


def cr3(turn: int) -> bytes:
    """Canon's newer: TIFFs in boxes, the picture at the start of the media data."""
    shot, first = bytearray(b"II*\0\0\0\0\0"), bytearray(b"II*\0\0\0\0\0")
    shot_block = start(shot, directory(shot, [ascii_(36867, "2024:05:01 12:00:00")]))
    first_block = start(first, directory(first, [ascii_(271, "Canon"), ascii_(272, "X1"), (274, 3, 1, turn)]))
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + box(b"CMT1", first_block) + box(b"CMT2", shot_block)
    moov = box(b"moov", box(b"uuid", canon))
    return box(b"ftyp", b"crx \0\0\0\x01crx isom") + moov + box(b"mdat", jpeg(LARGE) + b"\x55" * 9000)


FILES = {
    "image/x-canon-cr2": cr2,
    "image/x-nikon-nef": nef,
    "image/x-sony-arw": arw,
    "image/x-olympus-orf": lambda turn: olympus(turn, b"IIRO", "OLYMPUS"),
    "image/x-panasonic-rw2": lambda turn: olympus(turn, b"IIU\0", "Panasonic"),
    "image/x-fuji-raf": raf,
    "image/x-canon-cr3": cr3,
}


@pytest.mark.parametrize("mime", FILES)
def test_the_largest_picture_inside_is_shown_the_way_the_camera_was_held(mime: str, tmp_path: Path) -> None:
    for turn, size in ((1, LARGE), (6, LARGE[::-1]), (8, LARGE[::-1])):
        path = tmp_path / f"{turn}.raw"
        path.write_bytes(FILES[mime](turn))
        assert sniff(path).mime == mime
        with displayable(path) as (picture, note):
            assert note == PREVIEW
            found = open_picture(picture, pixels=10_000_000)
        assert (found.width, found.height) == size
        red = {1: (600, 20), 6: (780, 600), 8: (20, 600)}[turn]  # where the stored top is, upright
        assert found.image.getpixel(red)[0] > 200  # type: ignore[index]


@pytest.mark.parametrize("mime", FILES)
def test_the_shot_is_known_from_the_raw_file(mime: str, tmp_path: Path) -> None:
    path = tmp_path / "shot.raw"
    path.write_bytes(FILES[mime](1))
    said = read_metadata(path, mime, limit=1 << 20)
    assert said.taken
    assert (said.taken.local, said.camera.model) == ("2024-05-01T12:00:00", "X1")
    if mime in {"image/x-canon-cr2", "image/x-nikon-nef", "image/x-sony-arw"}:
        assert [(text.lang, text.text) for text in said.texts] == [("fr", "Le chœur")]


@pytest.mark.parametrize("mime", FILES)
def test_a_raw_file_cut_anywhere_stops_nothing(mime: str, tmp_path: Path) -> None:
    whole = FILES[mime](6)
    path = tmp_path / "cut.raw"
    for share in range(0, 100, 7):
        path.write_bytes(whole[: len(whole) * share // 100 + 20])
        with suppress(BadInput), displayable(path) as (picture, _):
            open_picture(picture, pixels=10_000_000)
        read_metadata(path, mime, limit=1 << 20)
