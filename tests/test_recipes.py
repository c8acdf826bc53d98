"""Fingerprints: equal values give equal keys; the defaults' fingerprints are golden, since changing one re-renders archives."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaarchive.config import Settings
from mediaarchive.model import Facts, Kind, Recipe, Text
from mediaarchive.recipes import canonical, fingerprint, from_json, key, to_json
from mediaarchive.stages.ingest import IDENTIFY
from mediaarchive.stages.render import wished

GOLDEN = Path(__file__).parent / "golden" / "fingerprints.json"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_canonical_json_is_json_and_stable(value: object) -> None:
    data = canonical(value)
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_parameters_does_not_matter(params: dict[str, int]) -> None:
    backwards = dict(reversed(params.items()))
    left, right = (Recipe(stage="still", version=1, params=p) for p in (params, backwards))
    assert fingerprint(left) == fingerprint(right)


def test_inputs_are_delimited() -> None:
    recipe = Recipe(stage="still", version=1)
    assert key(["ab", "c"], recipe) != key(["a", "bc"], recipe)


@given(st.dictionaries(st.text(), JSON, max_size=3), st.lists(st.text()))
def test_a_key_is_the_digest_of_canonical_json_whatever_is_in_it(params: dict[str, object], inputs: list[str]) -> None:
    recipe = Recipe(stage="still", version=1, params=params)
    said = hashlib.sha256(canonical(["still", 1, params])).hexdigest()
    assert fingerprint(recipe) == said
    assert key(inputs, recipe) == hashlib.sha256(canonical([inputs, said])).hexdigest()


def test_parameters_that_are_equal_but_other_json_are_other_recipes() -> None:
    """Python takes 1, 1.0 and True for the same key of a dictionary."""
    assert len({fingerprint(Recipe(stage="still", version=1, params={"edge": e})) for e in (1, 1.0, True)}) == 3


def test_not_a_number_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        canonical(float("nan"))


def test_facts_survive_the_way_through_json() -> None:
    text = Text(kind="alt", lang="fr", text="Un pont", state="provided", source="embedded")
    facts = Facts(kind=Kind.PHOTO, mime="image/jpeg", width=3, height=2, texts=(text,), signature={"v": 1})
    assert from_json(Facts, json.loads(json.dumps(to_json(facts)))) == facts


def defaults() -> dict[str, str]:
    """Every default recipe's fingerprint, by what it makes."""
    settings = Settings()
    photo = Facts(kind=Kind.PHOTO, mime="image/jpeg", width=6000, height=4000)
    film = Facts(kind=Kind.VIDEO, mime="video/mp4", width=1920, height=1080)
    recipes = [IDENTIFY]
    for facts in (photo, film):
        recipes += wished(facts, settings)
    return {
        " ".join([r.stage, *(str(r.params[name]) for name in ("format", "edge") if name in r.params)]): fingerprint(r)
        for r in recipes
    }


def test_the_default_recipes_are_those_that_archives_were_rendered_with() -> None:
    """If this fails, every file of every archive gets a new name. Only on purpose: then update the golden file and say so."""
    assert defaults() == json.loads(GOLDEN.read_text(encoding="utf-8"))
