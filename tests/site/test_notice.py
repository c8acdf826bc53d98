"""The picture that stands where a withdrawn one was embedded."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from mediaarchive.site import notice, wording


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(("edge", "ratio", "size"), [(640, 1.5, (640, 427)), (1280, 0.75, (960, 1280))])
def test_the_notice_has_the_size_of_what_it_stands_for(edge: int, ratio: float, size: tuple[int, int]) -> None:
    image = opened(notice.notice_jpeg(wording.tombstone_text("unspecified", "photo", "2026-11-20"), edge, ratio))
    assert (image.format, image.size) == ("JPEG", size)


def test_every_letter_of_every_sentence_can_be_drawn() -> None:
    for kind in ("photo", "video", "document"):
        for reason in ("consent-withdrawn", "rights-expired", "legal-request", "published-by-mistake", "quality"):
            for month in range(1, 13):
                for text in wording.tombstone_text(reason, kind, f"2026-{month:02}-01").values():
                    assert notice._drawable(text), text


def test_letters_that_the_font_lacks_are_left_out_rather_than_shown_as_boxes() -> None:
    said = {"en": "Photo removed."}
    assert notice.notice_jpeg(said | {"ar": "تمت إزالة الصورة"}, 640) == notice.notice_jpeg(said, 640)
    assert not notice._drawable("Зображення")


def test_accents_are_drawn() -> None:
    assert notice.notice_jpeg({"fr": "retirée"}, 320) != notice.notice_jpeg({"fr": "retiree"}, 320)


def test_the_same_sentence_gives_the_same_picture() -> None:
    said = wording.tombstone_text("quality", "video", "2026-11-20")
    assert notice.notice_jpeg(said, 640) == notice.notice_jpeg(said, 640)


def test_what_was_withdrawn_on_one_day_for_one_reason_is_drawn_once() -> None:
    said = wording.tombstone_text("quality", "photo", "2026-11-21")
    assert notice.notice_jpeg(said, 640) is notice.notice_jpeg(dict(said), 640)
