"""LibreOffice, headless, in the language of a country: it opens sheets (CSV in UTF-8) and saves them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

_LOCALE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{}</value></prop></item></oor:items>"""
_OPEN = "CSV:{},34,76,1"  # what parts the columns, double quotes, UTF-8, from the first line on
FORMATS: Mapping[str, tuple[str, str]] = {
    "utf-8": ("csv", "csv:Text - txt - csv (StarCalc):44,34,76,1"),
    "windows-1252": ("csv", "csv:Text - txt - csv (StarCalc):59,34,ANSI,1"),
    "xlsx": ("xlsx", "xlsx"),
    "ods": ("ods", "ods"),
}


def saved(
    sheets: Mapping[str, str], country: str, folder: Path, formats: Iterable[str] = FORMATS, delimiter: str = ","
) -> dict[tuple[str, str], Path]:
    """What the program makes of each sheet (its text) that it opens and saves, by sheet and format.

    Skips the test where there is no LibreOffice.
    """
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no LibreOffice: apt-get install libreoffice-calc")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_LOCALE.format(country), encoding="utf-8")
    for name, text in sheets.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8-sig", newline="")
    found = {}
    for wanted in formats:
        ending, kind = FORMATS[wanted]
        call = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
        call += [f"--infilter={_OPEN.format(ord(delimiter))}"]
        call += [
            "--convert-to",
            kind,
            "--outdir",
            str(folder / wanted),
            *(str(folder / f"{name}.csv") for name in sheets),
        ]
        subprocess.run(call, check=True, capture_output=True, timeout=120)
        found |= {(name, wanted): folder / wanted / f"{name}.{ending}" for name in sheets}
    return found
