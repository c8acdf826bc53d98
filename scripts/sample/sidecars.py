"""The files beside the photographs: event.toml, texts.csv, .xmp sidecars and the film's subtitles."""

from __future__ import annotations

import csv
import io

from sample import plan, records, xmp

EVENT = f"""\
# An invented event: no organisation, person or place in it is real but the city.
title = {{ fr = "Forum des communs numériques 2025", en = "Digital Commons Forum 2025" }}
start = 2025-10-06
end = 2025-10-08
timezone = "Europe/Brussels"
place = {{ fr = "Bruxelles, Maison des communs", en = "Brussels, House of the Commons" }}
country = "BE"
homepage = "https://example.org/forum-des-communs-2025"
languages = ["fr", "en"]
credit = "Forum des communs numériques"
copyright = "© 2025 Forum des communs numériques"
licence = "https://creativecommons.org/licenses/by/4.0/"

[description]
fr = "Trois journées d'ateliers et de rencontres autour des logiciels, des données et des savoirs partagés."
en = "Three days of workshops and encounters about shared software, data and knowledge."

[[camera]] # came from Lisbon; its clock was never changed
model = "{records.KESTREL.model}"
serial = "{records.KESTREL.serial}"
offset = "+01:00"

[[camera]] # seven minutes ahead, as a photograph of the station clock showed
model = "{records.AURICA.model}"
clock_error = "+7m"

[[camera]] # a telephone: it knows its zone
model = "{records.POMELO.model}"
offset = "+02:00"

[focus]
"DSCF0009.jpg" = [0.84, 0.5] # the speaker
"""

_CUES = (
    "Bienvenue au Forum des communs numériques.",
    "Trois journées, quarante ateliers,\nune seule question : que partageons-nous ?",
    "Des idées collées au mur, puis reliées.",
    "Merci à toute l'équipe des bénévoles !",
    "[Musique douce] À l'année prochaine.",
)


def texts_csv(rows: tuple[tuple[str, str, str, str], ...]) -> bytes:
    """The sheet, as a spreadsheet program saves it: UTF-8 with a byte order mark."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerows([("path", "lang", "kind", "text"), *rows])
    return sheet.getvalue().encode("utf-8-sig")


def subtitles(seconds: float) -> bytes:
    """Five French cues, spread over the film."""
    step = seconds / len(_CUES)
    cues = [
        f"{_time(i * step + step * 0.06)} --> {_time((i + 1) * step - step * 0.06)}\n{text}"
        for i, text in enumerate(_CUES)
    ]
    return ("WEBVTT\n\n" + "\n\n".join(cues) + "\n").encode()


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"00:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def files(inbox: plan.Inbox) -> dict[str, tuple[bytes, str]]:
    """Every sidecar: its contents and time (Brussels, ISO 8601), by name."""
    found = {
        "event.toml": (EVENT.encode(), "2025-10-05T10:00:00"),
        "texts.csv": (texts_csv(inbox.sheet), "2025-10-09T09:30:00"),
        f"{plan.FILM.removesuffix('.mp4')}.fr.vtt": (subtitles(inbox.film_seconds), plan.FILM_AT),
    }
    for shot in inbox.shots:
        if shot.sidecar:
            name = f"{shot.name.rpartition('.')[0]}.xmp"
            found[name] = (xmp.packet(shot.sidecar), "2025-10-09T09:00:00")
    return found
