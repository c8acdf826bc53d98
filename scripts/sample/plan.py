"""The event: which photographs there are, who took them when, what is written in them, and what is wrong with some files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sample.exif import Camera
from sample.xmp import Texts

SLUG = "forum-des-communs-2025"
BRUSSELS = timedelta(hours=2)  # summer time, until the end of October
SUMMER_COMMENT = "OLYMPUS DIGITAL CAMERA"
GPS = (50.8482, 4.3571)

KESTREL = Camera(
    make="KESTREL",
    model="Kestrel K7",
    serial="K7-0098213",
    software="Kestrel K7 Ver2.10",
    shift=timedelta(hours=-1),
    focal=23,
)
AURICA = Camera(
    make="Aurica Optical",
    model="AURICA D50",
    serial="3024417",
    software="D50 firmware 1.4",
    shift=timedelta(minutes=7),
    focal=50,
)
POMELO = Camera(make="Pomelo", model="Pomelo 9", serial="PM9-55A1", software="PomeloOS 18.2", offset="+02:00", focal=6)

LANDSCAPE, SMALLER, LARGE, UPRIGHT = (2700, 1800), (2400, 1600), (3000, 2000), (1800, 2700)


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One photograph: its file's name, scene, upright size in pixels, camera and Brussels time (ISO 8601, to the second).

    `orientation` other than 1: the pixels are stored turned. `sidecar`: texts in an `.xmp` file beside it. `iptc`: an IIM caption. `small`: also in the small inbox.
    """

    name: str
    scene: str
    camera: Camera
    at: str
    subsec: str = "37"
    size: tuple[int, int] = SMALLER
    orientation: int = 1
    gps: bool = False
    junk: bool = False
    xmp: Texts | None = None
    sidecar: Texts | None = None
    iptc: str = ""
    headline: str = ""
    small: bool = False
    stack: str = ""

    @property
    def instant(self) -> datetime:
        """When it was taken, in UTC."""
        return taken(self.at)


def taken(at: str) -> datetime:
    """Brussels time of the event as an instant in UTC."""
    return (datetime.fromisoformat(at) - BRUSSELS).replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of a photograph: `how` is exact, whatsapp, smaller-file, stripped, webp or mirrored."""

    name: str
    of: str
    how: str
    at: str
    small: bool = False


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A file that is not what its name says: `how` is cut, zeroed, page, empty, png or clutter."""

    name: str
    how: str
    at: str
    outcomes: tuple[str, ...]
    scene: str = ""


_ELODIE, _SAMUEL = "Élodie Vantreight", "Samuel Okonjo-Baert"
IPTC_AUTHOR = _SAMUEL
_RIGHTS = "© 2025 Forum des communs numériques, CC BY 4.0"


def _texts(
    creator: str, *, alt: dict[str, str], caption: dict[str, str] | None = None, long: dict[str, str] | None = None
) -> Texts:
    return Texts(alt=alt, caption=caption or {}, long=long or {}, creator=creator, rights=_RIGHTS)


SHOTS: tuple[Shot, ...] = (
    Shot(name="IMG_20251006_074512.jpg", scene="train", camera=POMELO, at="2025-10-06T07:45:12", gps=True),
    Shot(
        name="DSCF0003.jpg",
        scene="welcome",
        camera=KESTREL,
        at="2025-10-06T08:31:04",
        size=UPRIGHT,
        orientation=6,
        small=True,
        xmp=_texts(
            _ELODIE,
            alt={
                "fr": "Un kakémono turquoise souhaite la bienvenue au Forum des communs numériques, à côté d'un petit arbre en pot.",
                "en": "A teal banner welcomes visitors to the Digital Commons Forum, beside a small potted tree.",
            },
            caption={"fr": "L'entrée du forum, lundi matin.", "en": "The forum's entrance on Monday morning."},
        ),
    ),
    Shot(
        name="DSCF0005.jpg",
        scene="badges",
        camera=KESTREL,
        at="2025-10-06T08:40:51",
        xmp=_texts(
            _ELODIE,
            alt={
                "fr": "Quinze badges nominatifs attendent, rangés sur une table bleue.",
                "en": "Fifteen name badges lie in rows on a blue table.",
            },
        ),
    ),
    Shot(name="AUR_0402.jpg", scene="coffee", camera=AURICA, at="2025-10-06T08:58:20", junk=True, small=True),
    Shot(
        name="AUR_0405.jpg",
        scene="chairs",
        camera=AURICA,
        at="2025-10-06T09:04:33",
        size=LANDSCAPE,
        iptc="Les chaises de la grande salle avant l'ouverture.",
        headline="Avant l'ouverture",
    ),
    Shot(
        name="DSCF0009.jpg",
        scene="hall",
        camera=KESTREL,
        at="2025-10-06T09:36:10",
        size=LARGE,
        small=True,
        xmp=_texts(
            _ELODIE,
            alt={
                "fr": "Vue depuis le fond d'une salle comble : une oratrice au pupitre, à côté d'un grand écran avec un diagramme.",
                "en": "Seen from the back of a full hall: a speaker at a lectern beside a large screen with a bar chart.",
            },
            caption={"fr": "La séance d'ouverture, lundi 6 octobre.", "en": "The opening session on Monday 6 October."},
            long={
                "fr": "Quatre rangées de participantes et participants, de dos, regardent la scène. L'écran montre neuf barres "
                "colorées qui montent de gauche à droite, sous le titre « Les communs numériques ».",
                "en": "Four rows of participants, seen from behind, face the stage. On the screen nine coloured bars rise from "
                "left to right under the title “Les communs numériques”.",
            },
        ),
    ),
    Shot(
        name="AUR_0412.jpg",
        scene="panel",
        camera=AURICA,
        at="2025-10-06T11:15:42",
        size=LARGE,
        small=True,
        xmp=_texts(
            _SAMUEL,
            alt={
                "fr": "Quatre personnes assises discutent sur une scène, devant un rideau rouge.",
                "en": "Four people sit and talk on a stage in front of a red curtain.",
            },
            caption={"fr": "Table ronde : qui prend soin des communs ?"},
        ),
    ),
    Shot(
        name="DSCF0014.jpg",
        scene="workshop",
        camera=KESTREL,
        at="2025-10-06T14:08:27",
        size=LARGE,
        small=True,
        iptc="Atelier « cartographier nos communs » : les idées du premier tour.",
        headline="Atelier de cartographie",
        xmp=_texts(
            _ELODIE,
            alt={
                "fr": "Une table en bois vue d'en haut : des notes autocollantes sur une grande feuille, deux ordinateurs et deux tasses.",
                "en": "A wooden table from above: sticky notes on a large sheet, two laptops and two cups.",
            },
            caption={"fr": "Atelier « cartographier nos communs » : les idées du premier tour."},
        ),
    ),
    Shot(name="DSCF0016.jpg", scene="network_map", camera=KESTREL, at="2025-10-06T15:22:09", size=LANDSCAPE),
    Shot(
        name="AUR_0421.jpg",
        scene="library",
        camera=AURICA,
        at="2025-10-06T17:10:55",
        size=UPRIGHT,
        orientation=8,
        xmp=_texts(_SAMUEL, alt={"fr": "Une lampe verte éclaire des livres devant une bibliothèque bien remplie."}),
    ),
    Shot(
        name="IMG_20251006_191530.jpg",
        scene="square",
        camera=POMELO,
        at="2025-10-06T19:15:30",
        size=LARGE,
        gps=True,
        small=True,
    ),
    Shot(
        name="AUR_0428.jpg",
        scene="rain",
        camera=AURICA,
        at="2025-10-06T21:47:03",
        size=UPRIGHT,
        orientation=6,
        xmp=_texts(
            _SAMUEL,
            alt={},
            caption={"fr": "Bruxelles sous la pluie, depuis la fenêtre.", "en": "Brussels in the rain."},
        ),
    ),
    Shot(
        name="DSCF0021.jpg",
        scene="whiteboard",
        camera=KESTREL,
        at="2025-10-07T09:52:18",
        size=LANDSCAPE,
        small=True,
        sidecar=_texts(
            _ELODIE,
            alt={
                "fr": "Un tableau blanc : le mot « communs » au centre, relié à huit idées ; des notes autocollantes à droite.",
                "en": "A whiteboard: the word “communs” in the middle, linked to eight ideas; sticky notes on the right.",
            },
        ),
    ),
    Shot(name="IMG_20251007_100741.jpg", scene="cables", camera=POMELO, at="2025-10-07T10:07:41"),
    Shot(
        name="AUR_0433.jpg",
        scene="posters",
        camera=AURICA,
        at="2025-10-07T10:35:29",
        size=LANDSCAPE,
        iptc="Deux visiteurs devant les affiches de l'exposition.",
        headline="L'exposition",
    ),
    *(
        Shot(
            name=f"AUR_{440 + frame:04}.jpg",
            scene=f"corridor@{frame * 0.6:.1f}",
            camera=AURICA,
            at=f"2025-10-07T11:20:{14 + frame // 5:02}",
            subsec=f"{(frame * 2 + 1) % 10}0",
            stack="burst",
        )
        for frame in range(5)
    ),
    Shot(
        name="DSCF0024.jpg",
        scene="buffet",
        camera=KESTREL,
        at="2025-10-07T12:31:46",
        size=LARGE,
        xmp=_texts(
            _ELODIE,
            alt={
                "fr": "Cinq bols de fruits sur une nappe à carreaux : oranges, raisins, pommes, baies et citrons verts."
            },
        ),
    ),
    Shot(name="IMG_20251007_150233.jpg", scene="laptop", camera=POMELO, at="2025-10-07T15:02:33"),
    Shot(
        name="AUR_0451.jpg",
        scene="stairs",
        camera=AURICA,
        at="2025-10-07T16:18:12",
        size=UPRIGHT,
        orientation=6,
        junk=True,
    ),
    Shot(
        name="DSCF0027.jpg",
        scene="projector",
        camera=KESTREL,
        at="2025-10-07T16:40:00",
        iptc="Présentation du réseau des projets.",
        headline="Qui partage quoi ?",
    ),
    Shot(
        name="IMG_20251007_194402.jpg",
        scene="skyline",
        camera=POMELO,
        at="2025-10-07T19:44:02",
        size=(4000, 1250),
        gps=True,
    ),
    Shot(
        name="IMG_20251008_081910.jpg",
        scene="windowsill",
        camera=POMELO,
        at="2025-10-08T08:19:10",
        size=UPRIGHT,
        orientation=8,
    ),
    Shot(
        name="DSCF0030.jpg",
        scene="canal",
        camera=KESTREL,
        at="2025-10-08T08:45:37",
        size=LARGE,
        xmp=_texts(
            _ELODIE,
            alt={
                "fr": "Un pont de pierre se reflète dans un canal bordé de maisons à pignon ; un petit bateau vert est amarré."
            },
            caption={"fr": "Promenade matinale le long du canal."},
        ),
    ),
    Shot(name="AUR_0458.jpg", scene="tram", camera=AURICA, at="2025-10-08T09:12:05", size=LANDSCAPE),
    Shot(name="DSCF0032.jpg", scene="bicycle", camera=KESTREL, at="2025-10-08T10:03:58", size=LANDSCAPE),
    Shot(name="AUR_0462.jpg", scene="microphone", camera=AURICA, at="2025-10-08T11:27:44", size=UPRIGHT, orientation=6),
    Shot(name="IMG_20251008_123801.jpg", scene="waffles", camera=POMELO, at="2025-10-08T12:38:01", size=(2200, 2200)),
    Shot(
        name="DSCF0034.jpg",
        scene="park",
        camera=KESTREL,
        at="2025-10-08T14:05:16",
        size=LANDSCAPE,
        xmp=_texts(_ELODIE, alt={}, caption={"en": "A walk through the park between two sessions."}),
    ),
    Shot(
        name="AUR_0470.jpg",
        scene="group",
        camera=AURICA,
        at="2025-10-08T16:30:22",
        size=LARGE,
        small=True,
        xmp=_texts(
            _SAMUEL,
            alt={
                "fr": "Treize personnes posent sur deux rangs devant de hautes fenêtres ; deux saluent de la main.",
                "en": "Thirteen people pose in two rows in front of tall windows; two of them wave.",
            },
            caption={
                "fr": "L'équipe des bénévoles à la fin du forum.",
                "en": "The team of volunteers at the end of the forum.",
            },
        ),
    ),
    Shot(name="IMG_20251008_201145.jpg", scene="garden_party", camera=POMELO, at="2025-10-08T20:11:45", size=LANDSCAPE),
)

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
