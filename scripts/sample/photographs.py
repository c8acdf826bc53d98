"""The photographs of the event: who took which when, and what is written in them."""

from __future__ import annotations

from sample.records import AURICA, KESTREL, LANDSCAPE, LARGE, POMELO, UPRIGHT, Shot
from sample.xmp import Texts

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
                "fr": "Un kakémono turquoise souhaite la bienvenue au forum, à côté d'un petit arbre en pot.",
                "en": "A teal banner welcomes visitors to the forum, beside a small potted tree.",
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
                "fr": "Une table en bois vue d'en haut : des notes sur une grande feuille, deux ordinateurs, deux tasses.",
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
