"""What a measurement needs beside mediaarchive: installed into a folder of its own, or left out with a word."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def absent(name: str, why: str) -> None:
    """Say that something isn't measured."""
    print(f"- {name}: not measured ({why})", file=sys.stderr)


def python_packages(folder: Path, *names: str) -> bool:
    """Install packages of PyPI beside our own, without their dependencies, and make them importable; whether that worked."""
    target = folder / "python"
    wanted = [name for name in names if not (target / name.replace("-", "_")).exists()]
    if wanted:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), *wanted]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            absent(", ".join(wanted), "pip can't install it")
            return False
    if str(target) not in sys.path:
        sys.path.append(str(target))
    return True


def environment(folder: Path, name: str) -> Path | None:
    """A virtual environment with one program of PyPI: the program's path, or None."""
    home = folder / f"env-{name}"
    program = home / "bin" / name
    if not program.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(home)], check=False, capture_output=True)
        pip = [str(home / "bin" / "pip"), "install", "--quiet", name]
        if made.returncode or subprocess.run(pip, check=False, capture_output=True).returncode:
            absent(name, "pip can't install it")
            return None
    return program


def npm(folder: Path, name: str) -> Path | None:
    """A folder whose node_modules has a package, or None."""
    home = folder / "node"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "node_modules" / name).exists():
        if not shutil.which("npm"):
            absent(name, "no npm")
            return None
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), name]
        if subprocess.run(install, check=False, capture_output=True).returncode:
            absent(name, "npm can't install it")
            return None
    return home


def program(name: str, package: str) -> str | None:
    """A program of Debian's, installed where that is allowed; its path, or None."""
    found = _debian(name)
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
            subprocess.run(command, check=False, capture_output=True)
        found = _debian(name)
    if not found:
        absent(name, f"no such program; apt-get install {package}")
    return found


def _debian(name: str) -> str | None:
    own = Path("/usr/bin") / name
    return str(own) if own.exists() else shutil.which(name)
