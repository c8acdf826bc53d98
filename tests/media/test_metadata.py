"""What photographers and cameras wrote is read; what nobody wrote is not; nothing a file holds can stop a run."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from mediaarchive.errors import BadInput
from mediaarchive.media.metadata import Metadata, read_metadata, read_xmp_sidecar
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Text

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 1 << 20
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<rdf:Description rdf:about="" ATTRIBUTES>BODY</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def packet(body: str = "", attributes: str = "") -> bytes:
    return XMP.replace("BODY", body).replace("ATTRIBUTES", attributes).encode()


def alt(name: str, **texts: str) -> str:
    items = "".join(f'<rdf:li xml:lang="{lang.replace("_", "-")}">{text}</rdf:li>' for lang, text in texts.items())
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>"


def iptc(*datasets: tuple[int, int, bytes]) -> bytes:
    block = b"".join(
        b"\x1c" + bytes((record, tag)) + struct.pack(">H", len(data)) + data for record, tag, data in datasets
    )
    return b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)


def jpeg(tmp_path: Path, *, exif: Image.Exif | bytes = b"", xmp: bytes = b"", resources: bytes = b"") -> Path:
    stream = io.BytesIO()
    Image.new("RGB", (16, 16)).save(stream, "JPEG", exif=exif, xmp=xmp)
    data = stream.getvalue()
    if resources:
        data = data[:2] + b"\xff\xed" + struct.pack(">H", len(resources) + 2) + resources + data[2:]
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    return path


def exif(
    main: dict[int, object], photo: dict[int, object] | None = None, gps: dict[int, object] | None = None
) -> Image.Exif:
    container = Image.Exif()
    container.update(main)
    container.get_ifd(0x8769).update(photo or {})
    container.get_ifd(0x8825).update(gps or {})
    return container


def read(path: Path, mime: str = "image/jpeg", limit: int = LIMIT) -> Metadata:
    return read_metadata(path, mime, limit=limit)


def texts(found: Metadata) -> dict[tuple[str, str], str]:
    return {(text.kind, text.lang): text.text for text in found.texts}


def test_the_moment_has_its_fraction_and_its_offset(tmp_path: Path) -> None:
    photo = {36867: "2022:12:06 10:15:02", 36881: "+01:00", 37521: "047"}
    found = read(jpeg(tmp_path, exif=exif({271: "Canon"}, photo)))
    assert found.taken is not None
    assert (found.taken.local, found.taken.offset) == ("2022-12-06T10:15:02.047", "+01:00")
    assert (found.taken.precision, found.taken.basis) == ("second", "exif+offset")
    assert found.shot == {"subsec": "047"}


def test_satellites_tell_the_offset_that_the_camera_forgot(tmp_path: Path) -> None:
    gps = {29: "2022:12:06", 7: (IFDRational(9), IFDRational(14), IFDRational(58))}
    found = read(jpeg(tmp_path, exif=exif({271: "Canon"}, {36867: "2022:12:06 10:15:02"}, gps)))
    assert found.gps_utc == datetime(2022, 12, 6, 9, 14, 58, tzinfo=UTC)
    assert found.taken is not None
    assert (found.taken.offset, found.taken.basis) == ("+01:00", "exif+gps")


def test_a_place_is_never_read(tmp_path: Path) -> None:
    place = (IFDRational(50), IFDRational(51), IFDRational(1234, 100))
    found = read(jpeg(tmp_path, exif=exif({271: "Canon"}, None, {1: "N", 2: place, 3: "E", 4: place})))
    assert "12.34" not in repr(found)
    assert found.gps_utc is None


@pytest.mark.parametrize(
    "nothing", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2022:13:01 00:00:00", "2022:02:30 10:00:00", "x"]
)
def test_a_date_that_never_was_is_no_date(tmp_path: Path, nothing: str) -> None:
    assert read(jpeg(tmp_path, exif=exif({271: "Canon"}, {36867: nothing}))).taken is None


def test_texts_come_in_their_languages_and_the_default_is_not_repeated() -> None:
    found = read_xmp_sidecar(
        packet(
            alt("dc:description", x_default="Ouverture du salon", fr_BE="Ouverture du salon", nl="Opening van de beurs")
            + alt("Iptc4xmpCore:AltTextAccessibility", x_default="Une foule", ar="حشد")
            + alt("Iptc4xmpCore:ExtDescrAccessibility", en="A crowd at the door")
            + alt("dc:title", x_default="Salon")
        )
    )
    assert texts(found) == {
        ("alt", "ar"): "حشد",
        ("alt", "und"): "Une foule",
        ("caption", "fr-BE"): "Ouverture du salon",
        ("caption", "nl"): "Opening van de beurs",
        ("title", "und"): "Salon",
        ("long", "en"): "A crowd at the door",
    }
    assert {(text.state, text.source) for text in found.texts} == {("provided", "sidecar")}


def test_a_caption_never_becomes_alt_text(tmp_path: Path) -> None:
    found = read(jpeg(tmp_path, xmp=packet(alt("dc:description", en="© Reuters. The minister arrives."))))
    assert [(text.kind, text.source) for text in found.texts] == [("caption", "embedded")]


def test_properties_are_read_as_attributes_too() -> None:
    found = read_xmp_sidecar(
        packet(attributes='photoshop:Credit="Press office" photoshop:Headline="Opening" dc:rights="© 2022 A"')
    )
    assert (found.credit.credit, found.credit.copyright) == ("Press office", "© 2022 A")
    assert texts(found) == {("title", "und"): "Opening"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_a_sidecar_may_be_in_any_unicode_encoding(encoding: str) -> None:
    data = packet(alt("dc:description", fr="Fête à Liège")).decode().removeprefix("\ufeff").encode(encoding)
    assert texts(read_xmp_sidecar(data)) == {("caption", "fr"): "Fête à Liège"}


def test_exif_wins_over_xmp_and_the_disagreement_is_noted(tmp_path: Path) -> None:
    path = jpeg(
        tmp_path, exif=exif({270: "From the camera"}), xmp=packet(alt("dc:description", x_default="From the editor"))
    )
    found = read(path)
    assert texts(found) == {("caption", "und"): "From the camera"}
    assert found.notes == ("captions-disagree",)


@pytest.mark.parametrize(
    "junk",
    [
        "OLYMPUS DIGITAL CAMERA         ", " " * 31, "SONY DSC", "DCF 1.0", "Created with GIMP", '{"MAPAltitude":"2"}',
        "DCIM\\100GOPRO\\GOPR8508.JPG", "<Digimax i50 MP3, Samsung>", "KONICA MINOLTA DIGITAL CAMERA", "IMG_1234",
        "File written by Adobe Photoshop 4.0", "EPSON DSC picture", "000015", "default", "x-default", "WWL",
    ],
)  # fmt: skip
def test_what_a_camera_wrote_never_hides_what_a_person_wrote(tmp_path: Path, junk: str) -> None:
    both = jpeg(tmp_path, exif=exif({270: junk}), xmp=packet(alt("dc:description", x_default="The choir")))
    assert texts(read(both)) == {("caption", "und"): "The choir"}
    assert texts(read(jpeg(tmp_path, exif=exif({270: junk})))) == {}


def test_the_full_text_wins_over_its_ascii_or_shortened_copy(tmp_path: Path) -> None:
    path = jpeg(tmp_path, exif=exif({270: "Fete a Liege"}), xmp=packet(alt("dc:description", fr="Fête à Liège")))
    assert texts(read(path)) == {("caption", "fr"): "Fête à Liège"}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Paternité ©2009".encode(), "Paternité ©2009"),
        ("Paternité ©2009".encode("cp1252"), "Paternité ©2009"),
        ("Straße".encode("cp1252"), "Straße"),
    ],
)
def test_accents_survive_whatever_encoding_they_were_written_in(tmp_path: Path, raw: bytes, expected: str) -> None:
    path = jpeg(tmp_path, exif=exif({33432: "#" * len(raw), 271: "Canon"}))
    path.write_bytes(path.read_bytes().replace(b"#" * len(raw), raw))  # Pillow writes ASCII only; cameras don't
    assert read(path).credit.copyright == expected


def test_iptc_is_read_in_its_character_set_or_without_one(tmp_path: Path) -> None:
    fields = [
        (2, 120, "Sjezd v Brně\rDruhý den   ".encode()),
        (2, 105, b"Sjezd"),
        (2, 25, b"choir"),
        (2, 25, b"Choir"),
        (2, 25, b"hall"),
    ]
    for declared in ([], [(1, 90, b"\x1b%G")]):
        found = read(jpeg(tmp_path, resources=iptc(*declared, *fields, (2, 80, b"Jana"))))
        assert texts(found) == {("caption", "und"): "Sjezd v Brně\nDruhý den", ("title", "und"): "Sjezd"}
        assert (found.keywords, found.credit.creator) == (("choir", "hall"), "Jana")
    latin = read(jpeg(tmp_path, resources=iptc((2, 120, "Fête".encode("cp1252")))))
    assert texts(latin) == {("caption", "und"): "Fête"}


def test_padding_and_invisible_controls_are_stripped(tmp_path: Path) -> None:
    text = "\u2068Elder Park\u2069, \u2068Adelaide\u2069   \r\nAustralia\x07 e\u0301"
    found = read(jpeg(tmp_path, xmp=packet(alt("dc:description", en=text.replace("\x07", "")))))
    assert texts(found) == {("caption", "en"): "Elder Park, Adelaide\nAustralia é"}


def test_the_camera_keeps_its_serial_number_and_the_picture_its_number(tmp_path: Path) -> None:
    photo = {42033: "033022000000", 42016: "127c1377b054a3f65bf2754ebb24e7f2"}
    found = read(jpeg(tmp_path, exif=exif({271: "Canon", 272: "Canon EOS 5D "}, photo)))
    assert (found.camera.make, found.camera.model, found.camera.serial) == ("Canon", "Canon EOS 5D", "033022000000")
    assert found.shot["image_id"] == "127c1377b054a3f65bf2754ebb24e7f2"


def test_rights_are_read_and_a_licence_must_be_a_web_address() -> None:
    rights = (
        alt("xmpRights:UsageTerms", x_default="Press only")
        + "<dc:creator><rdf:Seq><rdf:li>A. Bee</rdf:li><rdf:li>C</rdf:li></rdf:Seq></dc:creator>"
    )
    good = read_xmp_sidecar(packet(rights, 'xmpRights:WebStatement="https://example.org/terms"'))
    assert (good.credit.creator, good.credit.usage_terms) == ("A. Bee; C", "Press only")
    assert good.credit.licence_url == "https://example.org/terms"
    assert read_xmp_sidecar(packet(rights, 'xmpRights:WebStatement="javascript:alert(1)"')).credit.licence_url is None


def test_a_picture_that_a_model_made_is_noted() -> None:
    uri = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert read_xmp_sidecar(packet(attributes=f'Iptc4xmpExt:DigitalSourceType="{uri}"')).notes == ("ai-generated",)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(tmp_path: Path, *after_pixels: bytes) -> Path:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    data = stream.getvalue()
    path = tmp_path / "photo.png"
    path.write_bytes(data[:-12] + b"".join(after_pixels) + data[-12:])
    return path


def test_a_pngs_texts_are_found_behind_its_pixels(tmp_path: Path) -> None:
    packed = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet(alt("dc:description", en="The choir")))
    block = exif({270: "The choir", 315: "Jana"}).tobytes().removeprefix(b"Exif\0\0")
    found = read(png(tmp_path, chunk(b"eXIf", block), chunk(b"iTXt", packed)), "image/png")
    assert texts(found) == {("caption", "en"): "The choir"}
    assert found.credit.creator == "Jana"


def test_a_png_by_imagemagick_has_its_iptc_and_xmp_as_hexadecimal_digits(tmp_path: Path) -> None:
    def profile(name: bytes, data: bytes) -> bytes:
        written = b"\n%s\n%8d\n%s\n" % (name, len(data), data.hex().encode())
        return chunk(b"zTXt", b"Raw profile type " + name + b"\0\0" + zlib.compress(written))

    resources = iptc((2, 120, "Le chœur".encode()), (2, 80, b"Jana")).removeprefix(b"Photoshop 3.0\0")
    segment = b"http://ns.adobe.com/xap/1.0/\0" + packet(alt("dc:title", en="The choir"))
    found = read(png(tmp_path, profile(b"iptc", resources), profile(b"APP1", segment)), "image/png")
    assert texts(found) == {("caption", "und"): "Le chœur", ("title", "en"): "The choir"}
    assert found.credit.creator == "Jana"


def test_a_gif_and_a_jpeg_2000_have_their_texts_too(tmp_path: Path) -> None:
    words = packet(alt("dc:description", en="The choir"))
    stream = io.BytesIO()
    Image.new("P", (8, 8)).save(stream, "GIF")
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    gif, jp2 = tmp_path / "a.gif", tmp_path / "a.jp2"
    data = stream.getvalue()
    gif.write_bytes(data[:-1] + b"\x21\xff\x0bXMP DataXMP" + words + trailer + data[-1:])
    Image.new("RGB", (32, 32)).save(jp2)
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    jp2.write_bytes(jp2.read_bytes() + struct.pack(">I", 24 + len(words)) + b"uuid" + uuid + words)
    for path, mime in ((gif, "image/gif"), (jp2, "image/jp2")):
        assert texts(read(path, mime)) == {("caption", "en"): "The choir"}


def test_a_small_file_cannot_unpack_into_a_large_one(tmp_path: Path) -> None:
    bomb = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(20 << 20), 9)
    found = read(png(tmp_path, chunk(b"iTXt", bomb)), "image/png")
    assert found.texts == ()
    assert "limit" in found.problems[0]


def test_metadata_beyond_the_limit_is_skipped_and_said_so(tmp_path: Path) -> None:
    path = jpeg(tmp_path, xmp=packet(alt("dc:description", en="x " * 3000)), exif=exif({315: "Jana" * 500}))
    found = read(path, limit=1000)
    assert found.texts == ()
    assert len(found.problems) == 2
    assert all("limit of 1000" in problem for problem in found.problems)


def test_entities_in_xmp_are_refused_without_losing_the_exif(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + packet(alt("dc:description", en="&a;&a;"))
    found = read(jpeg(tmp_path, xmp=bomb, exif=exif({315: "Jana"})))
    assert found.texts == ()
    assert found.credit.creator == "Jana"
    assert found.problems[0].startswith("XMP can't be read")


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 100, b"<x:xmpmeta", b"<rdf:RDF></rdf:RDF>", b"\xff\xfe<", b"<?xpacket?>" + bytes(range(256))]
)
def test_a_broken_sidecar_is_a_problem_not_a_crash(data: bytes) -> None:
    found = read_xmp_sidecar(data)
    assert found.texts == ()
    assert len(found.problems) == 1


def test_a_text_is_a_record_with_its_origin(tmp_path: Path) -> None:
    found = read(jpeg(tmp_path, xmp=packet(alt("dc:title", en_us="Opening"))))
    assert found.texts == (Text(kind="title", lang="en-US", text="Opening", state="provided", source="embedded"),)


@pytest.mark.corpus
def test_no_real_or_hostile_file_stops_the_reader(corpus: Path) -> None:
    read_files = 0
    for path in sorted(corpus.rglob("*")):
        if path.suffix == ".xmp":
            read_xmp_sidecar(path.read_bytes())
        elif path.is_file():
            try:
                mime = sniff(path).mime
            except BadInput:
                continue
            read(path, mime, 16 << 20)
            read_files += 1
    assert read_files > 400


@pytest.mark.corpus
def test_the_iptc_councils_own_pictures_are_read_as_it_says(corpus: Path) -> None:
    found = read(corpus / "captioned" / "folio__IPTC-PhotometadataRef-Std2024.1.jpg")
    assert texts(found) == {
        ("alt", "en"): "This is the Alt Text description to support accessibility in 2024.1",
        ("long", "en"): "This is the Extended Description to support accessibility in 2024.1",
        ("caption", "und"): "The description aka caption (ref2024.1)",
        ("title", "und"): "The Title (ref2024.1)",
    }
    assert found.credit.licence_url == "https://example.com/WebStatementOfRights/ref2024.1"


@pytest.mark.corpus
def test_the_working_groups_picture_is_read_by_its_rule(corpus: Path) -> None:
    found = read(corpus / "captioned" / "exiftool__MWG.jpg")
    assert "WRONG" not in repr((found.texts, found.credit, found.taken))
