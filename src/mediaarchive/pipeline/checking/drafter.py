"""Who drafts alternative texts, checked by asking: a drawn picture is sent, and the answer is shown."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping

from mediaarchive.captioners import Budget, open_drafter
from mediaarchive.config.texts import TextsEngine
from mediaarchive.errors import MediaArchiveError, Unusable
from mediaarchive.model import Question
from mediaarchive.pipeline.checking.check import Check, Place

_WORDS = ("The next meeting begins", "at nine in the large hall")  # some engines only read
_SHOWN = 80  # characters


def check_drafter(settings: TextsEngine, environment: Mapping[str, str], language: str) -> Iterator[Check]:
    """Which engine the settings name, and whether it answers in a language; one request, or two."""
    place, what = Place(name="texts"), f"engine {settings.kind}"
    try:
        drafter = open_drafter(settings, environment, Budget())
        if drafter is None:
            yield place.ok(what, "nobody drafts texts; [texts.engine] says who may, where somebody should")
            return
        started = time.monotonic()
        reply = drafter.draft(Question(picture=_drawn(), languages=(language,), known={}))
    except Unusable as error:
        yield place.warning(what, f"{settings.kind} answers, but no text: {error.message}", "try another model")
        return
    except MediaArchiveError as error:
        yield place.bad(what, error.message, error.hint or "see [texts.engine]")
        return
    text = reply.texts[language]
    said = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    cost = f", {reply.tokens} tokens" if reply.tokens else ""
    seconds = time.monotonic() - started
    yield place.ok(
        what,
        f'{drafter.model} answers in {seconds:.1f} s{cost}; of a drawn red disc above two lines of words it says: "{said}"',
    )


def _drawn() -> bytes:
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - heavy

    image = Image.new("RGB", (800, 600), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((300, 60, 500, 260), fill="red")
    for number, line in enumerate(_WORDS):
        draw.text((100, 340 + 90 * number), line, fill="black", font=ImageFont.load_default(size=52))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
