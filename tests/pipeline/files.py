"""Files as cameras and offices write them, made here: RAW files with a preview inside, PDFs, short films."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

NOON = "2024:05:01 12:00:00"


def picture(seed: int, size: tuple[int, int] = (1200, 800)) -> Image.Image:
    """A picture unlike any other seed's, with texture and edges."""
    coarse = np.random.default_rng(seed).normal(128, 90, (30, 40)).clip(0, 255).astype(np.uint8)
    noise = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    image = Image.merge("RGB", (noise, noise.rotate(180), noise.filter(ImageFilter.GaussianBlur(4))))
    draw = ImageDraw.Draw(image)
    for index in range(9):
        at = (seed * 97 + index * 131) % (size[0] - 200), (seed * 57 + index * 83) % (size[1] - 150)
        draw.rectangle(
            (*at, at[0] + 90 + seed % 60, at[1] + 60), fill=((seed * 40) % 255, index * 28, 255 - index * 25)
        )
    return image


def frame(number: int) -> bytes:
    """A frame of a burst: one second, another fraction, somebody who moves."""
    shot, exif = picture(40, (600, 400)), Image.Exif()
    ImageDraw.Draw(shot).ellipse((200 + 9 * number, 150, 240 + 9 * number, 190), fill=(240, 220, 40))
    exif[271], exif[272] = "Maker", "X100"
    details = exif.get_ifd(0x8769)
    details[36867], details[37521] = "2025:10:07 10:00:00", f"{number}5"
    out = io.BytesIO()
    shot.save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def jpeg(image: Image.Image, *, at: str | None = NOON, model: str | None = "X100", turn: int = 0) -> bytes:
    """A photograph with the EXIF that a camera writes."""
    exif = Image.Exif()
    if model:
        exif[271], exif[272] = "Maker", model
    if turn:
        exif[274] = turn
    if at:
        exif.get_ifd(0x8769)[36867] = at
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


def raw(preview: bytes | None, *, at: str = NOON, model: str = "X100", turn: int = 1, version: bool = True) -> bytes:
    """A DNG as small as one can be: sensor data of 64 x 48 that nobody develops, and `preview` in a sub-directory."""
    strings = {271: b"Maker\0", 272: model.encode() + b"\0", 36867: at.encode() + b"\0"}
    sensor = bytes(range(256)) * 24
    body, places = bytearray(b"II*\0\0\0\0\0"), {}
    for tag, data in [*strings.items(), (0, sensor), (1, preview or b"")]:
        places[tag] = (len(body), len(data))
        body += data + b"\0" * (len(data) % 2)

    def directory(entries: list[tuple[int, int, int, int]]) -> int:
        at = len(body)
        body.extend(struct.pack("<H", len(entries)))
        for entry in sorted(entries):
            body.extend(struct.pack("<HHII", *entry))
        body.extend(bytes(4))
        return at

    exif = directory([(36867, 2, places[36867][1], places[36867][0])])
    small = [(254, 4, 1, 1), (259, 3, 1, 7), (262, 3, 1, 6), (273, 4, 1, places[1][0]), (279, 4, 1, places[1][1])]
    subs = [(330, 4, 1, directory(small))] if preview else []
    first = directory(
        [
            *subs,
            *([(50706, 1, 4, 0x00000401)] if version else []),
            *((tag, 2, places[tag][1], places[tag][0]) for tag in (271, 272)),
            *((256, 4, 1, 64), (257, 4, 1, 48), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 32803), (274, 3, 1, turn)),
            *(
                (273, 4, 1, places[0][0]),
                (277, 3, 1, 1),
                (278, 4, 1, 48),
                (279, 4, 1, places[0][1]),
                (34665, 4, 1, exif),
            ),
        ]
    )
    body[4:8] = struct.pack("<I", first)
    return bytes(body)


def pdf(title: str = "Programme du forum", pages: int = 2, *, locked: bool = False) -> bytes:
    """A PDF with a line of text on each page."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Title ({title}) >>",
    ]
    for number in range(pages):
        text = f"BT /F1 40 Tf 60 700 Td (Page {number + 1}) Tj ET 0 0.4 0.5 rg 60 400 400 200 re f"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * number} 0 R"
        objects += [
            f"{page} /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        ]
    lock = "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{}> /U <{}> >> /ID [<00> <00>]".format(
        "41" * 32, "42" * 32
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"<< /Size {size} /Root 1 0 R /Info 4 0 R {lock if locked else ''} >>"
    return (
        out + f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(out)}\n%%EOF\n".encode()
    )


def film(target: Path, seconds: float = 2.0) -> None:
    """A short film with moving squares."""
    source = f"testsrc2=size=320x240:rate=15:duration={seconds}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-c:v", "libx264", "-preset", "ultrafast", str(target)], check=True)
