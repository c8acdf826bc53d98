"""Settings: who set what, and mistakes that are told with the key that was meant."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mediaarchive.config import EventFacts, Settings, load_event, load_settings
from mediaarchive.config.document import default_toml, starter
from mediaarchive.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mediaarchive.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults_are_below_the_file_below_the_environment_below_flags(tmp_path: Path) -> None:
    file = write(tmp_path, "[ingest]\nsettle = 1\npatience = 1\nmode = 'keep'\n")
    environment = {"MEDIAARCHIVE_INGEST__PATIENCE": "2", "MEDIAARCHIVE_INGEST__MODE": "move", "HOME": "/"}
    loaded = load_settings(file, environment, {"ingest": {"mode": "keep"}})
    ingest = loaded.settings.ingest
    assert (ingest.inbox, ingest.settle, ingest.patience, ingest.mode) == ("inbox", 1, 2, "keep")
    said = {name: source for name, _, source in loaded.rows()}
    assert said["ingest.inbox"] == "default"
    assert said["ingest.settle"] == str(file)
    assert said["ingest.patience"] == "MEDIAARCHIVE_INGEST__PATIENCE"
    assert said["ingest.mode"] == "--mode"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[ingest]\nsetle = 1\n", 'unknown key "ingest.setle"; did you mean "settle"?'),
        ("[stor]\n", 'unknown key "stor"; did you mean "store"?'),
        ("[[store]]\nname = 'a'\nbucket = 'x'\n", 'unknown key "store.bucket"'),
        ("[ingest]\nsettle = -1\n", '"ingest.settle"'),
        ("[ingest]\nsettle = 'soon'\n", '"ingest.settle"'),
        ("[ingest\n", "is not valid TOML"),
        ("[[rendition]]\nformat = 'jpeg'\nedges = [320, 640]\nquality = [80]\n", "1 values for 2 edges"),
        ("[[rendition]]\nformat = 'avif'\n", 'format = "jpeg" is needed'),
        ("[texts.engine]\nkinds = 'chat'\n", 'unknown key "texts.engine.kinds"; did you mean "kind"?'),
        ("[texts.engine]\nkind = 'gpt'\n", '"texts.engine.kind"'),
        ("[texts]\nengine = 'chat'\n", '"texts.engine"'),
        ("[texts.engine]\nurl = 'https://me:secret@example.org/v1'\n", "must hold no user name"),
        ("[texts.engine]\nurl = 'example.org'\n", "must start with http"),
        ("[[store]]\nname = 'a'\n[[store]]\nname = 'a'\n", "names must differ"),
        ("[[store]]\nname = 'a'\nendpoint = 'http://s3.example.org'\n", "must start with https://"),
        ("[[store]]\nname = 'a'\nendpoint = 'https://me:secret@s3.example.org'\n", "user name or password"),
    ],
)
def test_a_mistake_is_told_in_one_sentence_that_names_the_file(tmp_path: Path, text: str, sentence: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    assert sentence in caught.value.message
    assert str(file) in caught.value.message
    assert "\n" not in caught.value.message


def test_a_wrong_environment_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MEDIAARCHIVE_INGEST__SETLE"):
        load_settings(write(tmp_path, ""), {"MEDIAARCHIVE_INGEST__SETLE": "1"})


def test_the_default_file_says_what_the_code_does() -> None:
    assert Settings.model_validate(tomllib.loads(default_toml())) == Settings()
    assert (ROOT / "config" / "default.toml").read_text(encoding="utf-8") == default_toml()


def test_the_starter_changes_nothing_but_says_what_to_change() -> None:
    assert Settings.model_validate(tomllib.loads(starter())) == Settings()


def test_quality_follows_the_nearest_size_above() -> None:
    avif = Settings().rendition[0]
    assert [avif.at("quality", edge) for edge in (320, 500, 640, 2000, 9999)] == [68, 64, 64, 62, 62]


@pytest.mark.parametrize("key", ["store", "limits", "engine", "publish", "ingest", "command", "workspace"])
def test_event_toml_may_not_choose_what_the_operator_chooses(key: str) -> None:
    with pytest.raises(ConfigError, match=f'must not set "{key}"'):
        load_event(f"[{key}]\nx = 1\n".encode(), "event.toml")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("titel = 'x'", 'did you mean "title"'),
        ("timezone = 'Europe/Brusels'", "is no time zone"),
        ("start = 2025-10-08\nend = 2025-10-06", "before it starts"),
        ("languages = ['french']", "languages"),
        ("[[camera]]\noffset = '+1'", "offset"),
        ("\x00", "not valid TOML"),
    ],
)
def test_a_mistake_in_event_toml_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_event(text.encode(), "inbox/forum/event.toml")
    assert sentence in caught.value.message
    assert "inbox/forum/event.toml" in caught.value.message


def test_the_example_of_event_toml_is_valid() -> None:
    facts = load_event((ROOT / "config" / "event.example.toml").read_bytes(), "event.example.toml")
    assert facts.title["fr"] == "Semaine des communs 2025"
    assert [rule.error_seconds() for rule in facts.camera] == [0, 420]
    assert EventFacts.model_validate(facts.model_dump(mode="json")) == facts


def test_sections_inside_sections_are_told_and_set_like_others(tmp_path: Path) -> None:
    file = write(tmp_path, "[texts]\ndrafts = 'flag'\n[texts.engine]\nkind = 'command'\ntimeout = 5\n")
    environment = {
        "MEDIAARCHIVE_TEXTS__ENGINE__KIND": "chat",
        "MEDIAARCHIVE_TEXTS__ENGINE__URL": "http://localhost/v1",
        "MEDIAARCHIVE_TEXTS__LANGUAGES": '["fr"]',
    }
    loaded = load_settings(file, environment)
    engine = loaded.settings.texts.engine
    assert (engine.kind, engine.url, engine.timeout) == ("chat", "http://localhost/v1", 5)
    said = {name: (value, source) for name, value, source in loaded.rows()}
    assert said["texts.drafts"] == ("flag", str(file))
    assert said["texts.engine.kind"] == ("chat", "MEDIAARCHIVE_TEXTS__ENGINE__KIND")
    assert said["texts.engine.timeout"] == (5, str(file))
    assert said["texts.engine.allow_remote"] == (False, "default")
    with pytest.raises(ConfigError, match=r'"texts\.drafts" has no settings inside it'):
        load_settings(file, {"MEDIAARCHIVE_TEXTS__DRAFTS__KIND": "x"})


def test_a_key_that_is_written_where_its_variable_s_name_belongs_is_not_repeated(tmp_path: Path) -> None:
    file = write(tmp_path, "[texts.engine]\napi_key_env = 'sk-very-secret'\n")
    with pytest.raises(ConfigError, match="never a key") as caught:
        load_settings(file, {})
    assert "very-secret" not in caught.value.message + str(caught.value.hint)
