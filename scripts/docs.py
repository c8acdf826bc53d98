"""Write the documents that the code knows better: docs/cli.md, docs/config.md, config/default.toml, docs/manifest.*.

Also the map in docs/design.md, from the modules' first lines, and docs/adr/README.md, from the decisions' headings.
With --check, only say which of them are out of date (status 1).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mediaarchive.cli.main import cli
from mediaarchive.config.document import default_toml, markdown
from mediaarchive.manifest.schema import schema, types

ROOT = Path(__file__).resolve().parent.parent


def help_of(command: click.Command, path: str) -> Iterator[str]:
    """One section for a command, and for each of its own commands."""
    context = click.Context(command, info_name=path, max_content_width=100)
    yield f"## {path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from help_of(command.commands[name], f"{path} {name}")


PACKAGE = ROOT / "src" / "mediaarchive"
ORDER = (
    *("cli", "pipeline", "stages", "site", "catalog", "manifest", "stores", "engines", "captioners", "renderers"),
    *("recipes", "media", "layout", "config", "events", "ports", "errors", "model", "durable", "testing"),
)
ADR = """\
# Why it is so

A short page for each decision that a newcomer would ask about: what was decided, why, and instead of what.
Generated from their headings.

"""
MAP = re.compile(r"(<!-- map: .*? -->\n).*?(<!-- end of map -->)", re.DOTALL)


def caption(path: Path) -> str:
    """A module's first docstring line, without its full stop."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].rstrip(".")


def entry(path: Path) -> str:
    """A module's line, or that of the package inside a layer that it begins."""
    name = path.relative_to(PACKAGE)
    return f"  - **{name.parent}/** {caption(path)}" if path.name == "__init__.py" else f"  - `{name}` {caption(path)}"


def module_map() -> str:
    """Every module with its own caption, by layer."""
    lines = []
    for name in ORDER:
        package = PACKAGE / name
        if package.is_dir():
            lines.append(f"- **{name}/** {caption(package / '__init__.py')}")
            modules = (path for path in sorted(package.rglob("*.py")) if path != package / "__init__.py")
            lines += [entry(path) for path in modules]
        else:
            lines.append(f"- **{name}.py** {caption(PACKAGE / f'{name}.py')}")
    return "\n".join(lines) + "\n"


def decisions() -> str:
    """The list of decisions, each by its own heading."""
    lines = []
    for path in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        number, _, title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").partition(". ")
        lines.append(f"- [{number}. {title}]({path.name})\n")
    return "".join(lines)


def documents() -> dict[str, str]:
    """The text of each document by its path."""
    sections = "\n".join(help_of(cli, "mediaarchive"))
    return {
        "docs/cli.md": f"# The command line\n\nGenerated from `--help`.\n\n{sections}",
        "docs/config.md": markdown() + "\n",
        "config/default.toml": default_toml(),
        "docs/adr/README.md": ADR + decisions(),
        "docs/manifest-1.json": schema().decode(),
        "docs/manifest-1.d.ts": types().decode(),
        "docs/design.md": MAP.sub(
            lambda found: found[1] + module_map() + found[2], (ROOT / "docs/design.md").read_text(encoding="utf-8")
        ),
    }


def main() -> int:
    """Write or check; the exit status."""
    stale = []
    for name, text in documents().items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"out of date: {', '.join(stale)}; run .venv/bin/python scripts/docs.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
