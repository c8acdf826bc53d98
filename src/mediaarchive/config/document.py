"""Settings as text: config/default.toml, the starter of a new workspace, and docs/config.md, all from the one table."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mediaarchive.config.section import Section
from mediaarchive.config.settings import BYTES_SECTIONS, Settings

_HEAD = """\
# mediaarchive: every setting with its default. Generated from the code.
# Order: these defaults < mediaarchive.toml < MEDIAARCHIVE_<SECTION>__<KEY> in the environment < flags.
# Credentials never stand here: boto3 finds them in the environment, in ~/.aws, or from the machine's role.
# Only the sections marked "changes files" make new renditions when they change; the others never do.
"""

_STARTER = """\
# The settings of this workspace. What is not said here has its default: `mediaarchive config show` lists all of them.

[workspace]
# publisher = "The organisation's name"
# contact = "mailto:media@example.org"   # where people ask for a removal; shown on every page

[texts]
languages = ["en"]                       # the default language first; an event's event.toml may say otherwise

[[store]]
name = "site"
url = "site"                             # a folder any web server can publish, or "s3://bucket/prefix"
# endpoint = "https://s3.example.org"    # for S3 providers other than AWS
# base_url = "https://media.example.org"
"""


def starter() -> str:
    """The mediaarchive.toml that `init` writes."""
    return _STARTER


def default_toml() -> str:
    """Every setting with its default and a sentence, as TOML that loads to the defaults."""
    blocks = [_HEAD]
    for name, field in Settings.model_fields.items():
        value = field.get_default(call_default_factory=True)
        for entry in value if isinstance(value, tuple) else (value,):
            head = f"[[{name}]]" if isinstance(value, tuple) else f"[{name}]"
            blocks.append("\n".join([_title(name, entry), head, *_settings(entry)]) + "\n")
            for key, inner in _inside(entry):
                blocks.append("\n".join([_title(name, inner), f"[{name}.{key}]", *_settings(inner)]) + "\n")
    return "\n".join(blocks)


def _title(name: str, section: Section) -> str:
    mark = " (changes files)" if name in BYTES_SECTIONS else ""
    return f"# {type(section).__doc__}{mark}"


def _settings(section: Section) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        if not isinstance(value := getattr(section, name), Section):
            yield f"# {field.description}"
            yield f"{name} = {_toml(value)}"


def _inside(section: Section) -> Iterator[tuple[str, Section]]:
    """The sections inside a section, by their keys."""
    values = ((name, getattr(section, name)) for name in type(section).model_fields)
    yield from ((name, value) for name, value in values if isinstance(value, Section))


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(entry) for entry in value)}]"
    return json.dumps(value, ensure_ascii=False)


def markdown() -> str:
    """docs/config.md: one table for each section."""
    lines = ["# Settings", "", "Generated from the code; `mediaarchive config show` prints them with who set each.", ""]
    for name, field in Settings.model_fields.items():
        lines += _table(name, _model(field))
    return "\n".join(lines)


def _table(name: str, model: type[BaseModel]) -> list[str]:
    lines = [f"## [{name}]", "", model.__doc__ or "", "", "| key | default | meaning |", "|---|---|---|"]
    inner: list[str] = []
    for key, entry in model.model_fields.items():
        value = entry.get_default(call_default_factory=True)
        if isinstance(value, Section):
            inner += _table(f"{name}.{key}", type(value))
        else:
            default = _toml(value).replace("|", "\\|")
            lines.append(f"| `{key}` | `{default}` | {entry.description} |")
    return [*lines, "", *inner]


def _model(field: FieldInfo) -> type[BaseModel]:
    value = field.get_default(call_default_factory=True)
    return type(value[0] if isinstance(value, tuple) else value)
