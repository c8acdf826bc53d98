"""Documents can't rot: codes, commands, settings and the map of modules are compared with the code."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mediaarchive.cli.main import cli

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src" / "mediaarchive").rglob("*.py"))


def codes() -> Iterator[str]:
    """Every code that the source names: BadInput("…"), Problem(code="…"), and `code = "…"` of errors."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "BadInput"
                and node.args
            ):
                if isinstance(first := node.args[0], ast.Constant):
                    yield str(first.value)
            elif isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
                yield from [str(node.value.value)] if names == ["code"] else []


def test_every_code_is_explained() -> None:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z0-9-]+)`", text))
    found = {code for code in codes() if code != "None"}
    assert len(found) > 40
    assert found - explained == set()


def test_generated_documents_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "docs.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, (*path, name))


SHOWN = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "config").rglob("*"))]
TYPED = re.compile(r"(?<![\w/.-])mediaarchive (?:-C \S+ )?([a-z][^`\n|#<(]*)")


def shown() -> Iterator[tuple[str, click.Command, list[str]]]:
    """Every command line that a document shows: where, its command, and the words after it."""
    known = dict(commands(cli))
    for path in SHOWN:
        for line in TYPED.findall(path.read_text(encoding="utf-8")) if path.is_file() else ():
            words, name = line.split(), ""
            while words and isinstance(known[name], click.Group) and f"{name} {words[0]}".strip() in known:
                name = f"{name} {words.pop(0)}".strip()
            if name:
                yield f"{path.relative_to(ROOT)}: {line}", known[name], words


def test_every_option_that_a_document_shows_is_one_of_its_command() -> None:
    found = list(shown())
    assert len(found) > 70
    for where, command, words in found:
        options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
        for word in words:
            if word.startswith("--"):
                assert re.match(r"--[a-z-]*[a-z]", word)[0] in options, where


LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(path: Path) -> str:
    """A document without its code."""
    return re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(path: Path) -> set[str]:
    """The names that a host of repositories gives to a document's headings."""
    headings = (heading.replace("`", "").strip().lower() for heading in re.findall(r"(?m)^#+ (.*)$", prose(path)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def test_every_link_between_documents_leads_to_a_file_and_a_heading_that_are_there() -> None:
    checked = 0
    for path in (path for path in SHOWN if path.suffix == ".md"):
        for link in LINK.findall(re.sub(r"`[^`\n]*`", "", prose(path))):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = path.parent / name if name else path
            assert target.exists(), f"{path.name}: {link}"
            assert not anchor or anchor in anchors(target), f"{path.name}: {link}"
            checked += 1
    assert checked > 70


def test_every_command_line_that_a_document_shows_can_be_read_by_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read = 0
    for where, command, words in shown():
        if not words or "[OPTIONS]" in words:
            continue  # a name, or how a command is used in general
        for name in words:
            if name.endswith((".csv", ".json")):
                (tmp_path / name).touch()
        try:
            given = [
                {"N": "1", "…": "quality"}.get(word, word) for word in shlex.split(" ".join(words).partition(" > ")[0])
            ]
        except ValueError:  # the sentence around it ends with a quote
            continue
        try:
            command.make_context(str(command.name), given)
        except click.ClickException as error:
            raise AssertionError(f"{where}: {error.format_message()}") from error
        read += 1
    assert read > 70


@pytest.mark.parametrize(("name", "command"), [(n, c) for n, c in commands(cli) if not isinstance(c, click.Group)])
def test_every_verb_has_an_example_to_paste(name: str, command: click.Command) -> None:
    assert f"mediaarchive {name}" in (command.help or ""), "an Example: in the help"


def test_no_file_is_longer_than_a_person_reads() -> None:
    long = {
        str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    for path in SOURCES:
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        first = docstring.partition("\n")[0]
        assert first.endswith((".", ":")), path


def test_readers_of_the_repository_learn_nothing_of_where_it_was_written() -> None:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    home = f"{ROOT}/"
    for name in names:
        path = ROOT / name
        if path.is_file() and (text := path.read_bytes()).count(b"\0") == 0:
            assert home.encode() not in text, name
