"""`embed`: the code of what is published, and a sentence where there is nothing that another site could show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from PIL import Image

from .conftest import LEAN, Space
from .files import jpeg, picture

ADDRESSED = LEAN + '[[store]]\nname = "site"\nurl = "site"\nbase_url = "https://media.example.org/archive"\n'


@pytest.fixture
def week(space: Callable[..., Space]) -> Space:
    """An event of two photographs, published, in French and English; the first is the programme's."""
    ws = space("week", settings=ADDRESSED)
    folder = ws.root / "inbox" / "Semaine 2025"
    folder.mkdir(parents=True)
    (folder / "event.toml").write_text('languages = ["fr", "en"]\ntitle = { fr = "La semaine", en = "The week" }\n')
    (folder / "one.jpg").write_bytes(jpeg(picture(1)))
    (folder / "two.jpg").write_bytes(jpeg(picture(2), at="2024:05:01 13:00:00"))
    (folder / "texts.csv").write_text("path,lang,kind,text\none.jpg,fr,alt,Une salle.\none.jpg,en,caption,The hall\n")
    ws.run_here()
    return ws


def test_an_item_a_file_and_an_event_give_code_with_whole_addresses(week: Space) -> None:
    [first, second] = week.items("semaine-2025")
    code = week.here("embed", first).stdout
    assert code == week.here("embed", "Semaine 2025/one.jpg").stdout
    assert f'<a href="https://media.example.org/archive/media/{first}/index.html">' in code
    assert f'src="https://media.example.org/archive/media/{first}/1280.jpg"' in code
    assert 'alt="Une salle."' in code
    assert "index.en.html" in week.here("embed", first, "--lang", "en").stdout
    every = week.here("embed", "semaine-2025", "--every").stdout
    assert re.findall(r"media/(p-\w+)/1280", every) == [first, second]
    assert "events/semaine-2025/index.html" in week.here("embed", "semaine-2025").stdout
    week.here("event", "rename", "semaine-2025", "week-2025")
    assert "events/week-2025/index.html" in week.here("embed", "semaine-2025").stdout, "by its former name, too"
    told = json.loads(week.here("embed", first, "--for", "drupal", "--json").stdout)
    assert told["html"].startswith('<p lang="fr"><a href="https://media.example.org/archive/media/')


def test_a_picture_is_shown_as_large_as_its_file_is_not_as_its_address_says(week: Space) -> None:
    """Where only small sizes are made, the largest of them stands at 1280.jpg: a browser told otherwise would enlarge it."""
    [first, _] = week.items("semaine-2025")
    [size] = re.findall(r'width="(\d+)" height="(\d+)"', week.here("embed", first).stdout)
    with Image.open(week.root / "site" / "media" / first / "1280.jpg") as file:
        assert size == (str(file.width), str(file.height))
        assert max(file.size) < 1280


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["p-aaaaaaaaaaaaa"], "is nothing that came in"),
        (["semaine-2025", "--lang", "nl"], "is not published in nl"),
    ],
)
def test_what_cannot_be_shown_says_why(week: Space, arguments: list[str], sentence: str) -> None:
    done = week.here("embed", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_what_was_withdrawn_and_a_site_without_an_address_give_no_code(week: Space) -> None:
    first = next(iter(week.items("semaine-2025")))
    week.here("takedown", first, "--reason", "consent-withdrawn")
    assert "was withdrawn on" in week.here("embed", first).stderr
    week.config.write_text(LEAN, encoding="utf-8")
    assert "base_url" in week.here("embed", "semaine-2025").stderr
