"""Reading settings: defaults < mediaarchive.toml < MEDIAARCHIVE_<SECTION>__<KEY> < flags, and who set what."""

from __future__ import annotations

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from mediaarchive.config.settings import Settings
from mediaarchive.errors import ConfigError

ENV_PREFIX = "MEDIAARCHIVE_"
_MIRROR = "[originals] mirror"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """Settings and, by dotted key, who set them: `default`, a file, an environment variable or a flag."""

    settings: Settings
    sources: Mapping[str, str]

    def rows(self) -> Iterator[tuple[str, Any, str]]:
        """Every setting as (dotted key, value, who set it), in the order of the table."""
        for section, value in self.settings.model_dump(mode="json").items():
            entries = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, entry in entries:
                for key, setting in _leaves(entry):
                    source = self.sources.get(f"{section}.{key}") or self.sources.get(section, "default")
                    name = f"{section}.{key}" if index is None else f"{section}[{index}].{key}"
                    yield name, setting, source


def _leaves(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The settings of a section and of the sections inside it, by dotted key."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def load_settings(
    file: Path | None, environment: Mapping[str, str], flags: Mapping[str, Mapping[str, Any]] | None = None
) -> Loaded:
    """Settings from `file` (None: defaults), the environment and `flags` (by section and key).

    Raises:
        ConfigError: a file is not TOML, or a key or value is wrong; the text names the file and the nearest known key.
    """
    raw: dict[str, Any] = {}
    sources: dict[str, str] = {}
    if file is not None:
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file} is not valid TOML: {error}", hint="correct the line it names") from error
        except OSError as error:
            raise ConfigError(f"{file} can't be read: {error.strerror}") from error
        sources |= {section: str(file) for section, value in raw.items() if isinstance(value, list)}
        for section, value in raw.items():
            sources |= {f"{section}.{key}": str(file) for key, _ in _leaves(value if isinstance(value, dict) else {})}
        _check(raw, str(file))
    for name, text in sorted(environment.items()):
        section, separator, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
        if name.startswith(ENV_PREFIX) and separator:
            key = key.replace("__", ".")
            _overlay(raw, section, key, _from_text(text), name)
            sources[f"{section}.{key}"] = name
            _check(raw, name)
    for section, values in (flags or {}).items():
        for key, value in values.items():
            _overlay(raw, section, key, value, f"--{key}")
            sources[f"{section}.{key}"] = f"--{key.replace('_', '-')}"
    settings = _check(raw, "the command line")
    if file is not None:
        must_be_apart(settings, file.parent)
    return Loaded(settings=settings, sources=sources)


def must_be_apart(settings: Settings, root: Path) -> None:
    """Refuse folders that would publish the archive or the inbox, take in what is published, or be their own mirror.

    Raises:
        ConfigError: with the setting, and the folder that it clashes with.
    """
    archive, inbox = ((root / folder).resolve() for folder in ("archive", settings.ingest.inbox))
    for what, url in _folders(settings):
        if _SCHEME.match(url):
            raise ConfigError(f"{what} is neither a folder nor a bucket", hint="write s3://bucket/prefix, or a folder")
        place = (root / Path(url).expanduser()).resolve()
        for kept, name in ((archive, "the archive"), (inbox, "the inbox")):
            if place.is_relative_to(kept):
                raise ConfigError(f"{what}: {url} lies in {name}", hint="choose a folder of its own")
            if what != _MIRROR and kept.is_relative_to(place):
                raise ConfigError(
                    f"{what}: {url} has {name} in it, and is published", hint="choose a folder of its own"
                )
        if what == _MIRROR and place == root.resolve():
            raise ConfigError(
                f"{what}: {url} is the workspace itself", hint="choose a folder on another disk, or a bucket"
            )


def _folders(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings that name a folder to write to, each as it is called in mediaarchive.toml; no buckets."""
    named = [(f"[[store]] {store.name} url", store.url) for store in settings.store]
    named += [(_MIRROR, settings.originals.mirror)] if settings.originals.mirror else []
    yield from ((what, url) for what, url in named if not url.startswith("s3://"))


def _overlay(raw: dict[str, Any], section: str, key: str, value: object, who: str) -> None:
    table = raw.setdefault(section, {})
    if not isinstance(table, dict) or section in {"store", "rendition"}:
        raise ConfigError(f"{who}: [[{section}]] is a list; set it in mediaarchive.toml")
    *inner, last = key.split(".")
    for name in inner:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f'{who}: "{section}.{name}" has no settings inside it')
    table[last] = value


def _from_text(text: str) -> object:
    """An environment variable's value, read as TOML where it is TOML (numbers, true, lists), else as the string it is."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _check(raw: Mapping[str, Any], who: str) -> Settings:
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(
            explain(error, Settings, who), hint="`mediaarchive config show` lists every setting"
        ) from error


def explain(error: ValidationError, model: type[BaseModel], where: str) -> str:
    """A validation error as one sentence: where, which key, what is wrong, and the nearest known key."""
    sentences = []
    for problem in error.errors():
        location = [part for part in problem["loc"] if isinstance(part, str) and "[" not in part]
        dotted = ".".join(location)
        if problem["type"] == "extra_forbidden":
            known = list(_section(model, location[:-1]).model_fields)
            near = difflib.get_close_matches(location[-1], known, n=1)
            meant = f'; did you mean "{near[0]}"?' if near else f"; known: {', '.join(known)}"
            sentences.append(f'unknown key "{dotted}"{meant}')
        else:
            message = problem["msg"].removeprefix("Value error, ")
            sentences.append(f'"{dotted}": {message}' if dotted else message)
    return f"{where}: {'; '.join(dict.fromkeys(sentences))}"


def _section(model: type[BaseModel], path: list[str]) -> type[BaseModel]:
    """The model at a dotted path, looking through tuples and optionals."""
    for name in path:
        field = model.model_fields.get(name)
        found = _model_in(field.annotation) if field else None
        if found is None:
            return model
        model = found
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if (
        isinstance(annotation, type)
        and issubclass(annotation, BaseModel)
        and not isinstance(annotation, types.GenericAlias)
    ):
        return annotation
    for argument in typing.get_args(annotation):
        if (found := _model_in(argument)) is not None:
            return found
    return None
