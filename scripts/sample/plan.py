"""What the inbox holds: the photographs, their copies, the sheet of texts, the film, and the files with faults."""

from __future__ import annotations

from dataclasses import dataclass

from sample.photographs import SHOTS
from sample.records import Copy, Shot, Trouble

COPIES: tuple[Copy, ...] = (
    Copy(name="copie de DSCF0014.jpg", of="DSCF0014.jpg", how="exact", at="2025-10-08T22:00:00", small=True),
    Copy(name="IMG-20251007-WA0003.jpg", of="DSCF0009.jpg", how="whatsapp", at="2025-10-07T08:10:00", small=True),
    Copy(name="web/AUR_0470-web.jpg", of="AUR_0470.jpg", how="smaller-file", at="2025-10-08T22:05:00", small=True),
    Copy(name="DSCF0030-sans-exif.jpg", of="DSCF0030.jpg", how="stripped", at="2025-10-08T22:06:00"),
    Copy(name="web/square.webp", of="IMG_20251006_191530.jpg", how="webp", at="2025-10-08T22:07:00", small=True),
    Copy(name="velo-retourne.jpg", of="DSCF0032.jpg", how="mirrored", at="2025-10-08T22:08:00"),
)

_LATER = ("rejected", "waiting")  # waiting as long as `[ingest] patience` lasts: an upload may be going on
TROUBLES: tuple[Trouble, ...] = (
    Trouble(name="AUR_0466.jpg", how="cut", scene="tram", at="2025-10-08T15:01:00", outcomes=_LATER),
    Trouble(name="DSCF0036.jpg", how="zeroed", scene="chairs", at="2025-10-08T15:30:00", outcomes=_LATER),
    Trouble(name="photo.jpg", how="page", at="2025-10-08T21:00:00", outcomes=("rejected",)),
    Trouble(name="IMG_20251008_210507.jpg", how="empty", at="2025-10-08T21:05:07", outcomes=_LATER),
    Trouble(name="affiche.jpg", how="png", at="2025-10-05T18:00:00", outcomes=("published",)),
    Trouble(name=".DS_Store", how="clutter", at="2025-10-08T22:10:00", outcomes=("ignored",)),
    Trouble(name="Thumbs.db", how="clutter", at="2025-10-08T22:10:00", outcomes=("ignored",)),
)

FILM, FILM_AT = "aftermovie.mp4", "2025-10-08T22:30:00"
FILM_SCENES: tuple[str, ...] = ("square", "hall", "workshop", "group", "garden_party")


_SQUARE, _SKYLINE, _MAP = "IMG_20251006_191530.jpg", "IMG_20251007_194402.jpg", "DSCF0016.jpg"
SHEET: tuple[tuple[str, str, str, str], ...] = (
    (
        _SQUARE,
        "fr",
        "alt",
        "La place au crépuscule ; les fenêtres des maisons à pignon sont éclairées, les pavés brillent.",
    ),
    (_SQUARE, "en", "alt", "The square at dusk; lit windows in gabled houses, wet cobbles shining."),
    (_SQUARE, "fr", "caption", "« Rendez-vous sur la place », avait dit l'équipe ; il venait de pleuvoir."),
    (_SKYLINE, "fr", "alt", "Panorama de la ville au coucher du soleil, avec une flèche élancée à gauche."),
    (_MAP, "fr", "alt", "Un panneau de liège : douze cartes de projets, reliées par des fils rouges."),
    (_MAP, "fr", "caption", 'La carte du réseau, avec ses fils "rouges" ; à compléter l\'an prochain.'),
    (FILM, "fr", "title", "Le film du forum : trois journées à Bruxelles"),
    (FILM, "en", "title", "The forum's film: three days in Brussels"),
    (FILM, "fr", "caption", "Les meilleurs moments du forum, d'octobre 2025 ; musique originale."),
)


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """What one inbox holds: all of it, or the small selection for tests."""

    shots: tuple[Shot, ...]
    copies: tuple[Copy, ...]
    troubles: tuple[Trouble, ...] = TROUBLES
    edge: int | None = None
    film_seconds: float = 14.0
    film_size: tuple[int, int] = (1280, 720)
    film_scenes: tuple[str, ...] = FILM_SCENES

    @property
    def sheet(self) -> tuple[tuple[str, str, str, str], ...]:
        """The rows of texts.csv (path, language, kind, text) about files that are there."""
        names = {shot.name for shot in self.shots} | {FILM}
        return tuple(row for row in SHEET if row[0] in names)


def inbox(*, small: bool) -> Inbox:
    """The whole inbox, or eight photographs of 800 pixels with one of each kind of trouble and a film of two seconds."""
    if not small:
        return Inbox(shots=SHOTS, copies=COPIES)
    return Inbox(
        shots=tuple(shot for shot in SHOTS if shot.small),
        copies=tuple(copy for copy in COPIES if copy.small),
        film_seconds=2.0,
        film_size=(640, 360),
        film_scenes=FILM_SCENES[:2],
        edge=800,
    )
