"""The workspace: its folders, its lock, and how it begins."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mediaarchive.catalog import Catalog, Drafts, Journal
from mediaarchive.errors import Busy, Incomplete, NoWorkspace, Unwritable, UsageError

CONFIG = "mediaarchive.toml"
REBUILDING = "rebuilding"  # in archive/: a rebuild began and has not brought back everything yet
COMPARISONS = "duplicates.html"  # in archive/reports/: the page of `dedupe show`, with the pictures in it
_SALT_BYTES = 32


class Workspace:
    """The folders below `root`. Nothing is touched until it is asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.config = self.root / CONFIG
        self.archive = self.root / "archive"
        self.work = self.archive / "work"
        self.spool = self.work / "spool"
        self.reports = self.archive / "reports"

    @classmethod
    def at(cls, folder: Path) -> Workspace:
        """The workspace in `folder`.

        Raises:
            NoWorkspace: there is no mediaarchive.toml.
        """
        workspace = cls(folder)
        if not workspace.config.is_file():
            raise NoWorkspace(
                f"{workspace.root} is no workspace: it has no {CONFIG}",
                hint="`mediaarchive init DIR` makes one; `-C DIR` points to one",
            )
        return workspace

    def catalog(self) -> Catalog:
        """Open the catalog, caught up with the journal.

        Raises:
            Unwritable: the archive's folder can't be written.
            Incomplete: there is no journal, which `init` begins: the archive is lost, or its disk isn't mounted.
        """
        try:
            self.archive.mkdir(exist_ok=True)
            probe = self.archive / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise self._unwritable(error) from error
        if not self.journal().last():
            raise Incomplete(
                f"{self.archive} has no journal: the archive is lost, or its disk isn't mounted; nothing was done",
                hint="mount it; or `mediaarchive rebuild` brings everything back from the mirror ([originals] mirror)",
            )
        return Catalog(self.archive / "catalog.db", self.journal())

    def journal(self) -> Journal:
        """The journal."""
        return Journal(self.archive / "journal")

    def drafts(self) -> Drafts:
        """What machines wrote of originals."""
        return Drafts(self.archive)

    @contextmanager
    def lock(self, now: datetime, name: str = "lock", what: str = "run") -> Iterator[None]:
        """Hold the workspace: one run at a time. The kernel lets go when the process ends, however it ends.

        `name`, `what`: another lock than that of runs, and what holds it.

        Raises:
            Busy: another run holds it; the text names its process and since when.
            Unwritable: the archive's folder can't be written.
        """
        descriptor = self._lock_file(name)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
                raise Busy(
                    f"another {what} is on in {self.root}: {holder}", hint="it ends by itself; nothing to do"
                ) from error
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()}, since {now.isoformat(timespec='seconds')}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def _lock_file(self, name: str) -> int:
        try:
            self.archive.mkdir(exist_ok=True)
            return os.open(self.archive / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> Unwritable:
        return Unwritable(f"{self.archive} can't be written: {error.strerror}", hint="check its owner and permissions")

    def holder(self) -> str | None:
        """Which process holds the workspace now, and since when; None: none does. It is in nobody's way."""
        try:
            descriptor = os.open(self.archive / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            said = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            if not (found := re.match(r"process (\d+),", said)) or not _is_alive(int(found[1])):
                return None  # without a lock: one that lasts a moment could turn a starting run away
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return said
        else:
            return None
        finally:
            os.close(descriptor)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Wait until no other process of this workspace is between the same two lines: for moments, not for runs."""
        descriptor = self._lock_file(f"{name}.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def sweep(self, keep: frozenset[str]) -> None:
        """Remove what interrupted runs left in the work folder; of the spool, keep the files named in `keep`."""
        self.spool.mkdir(parents=True, exist_ok=True)
        for entry in self.work.iterdir():
            if entry != self.spool:
                _remove(entry)
        for entry in self.spool.iterdir():
            if entry.name not in keep:
                _remove(entry)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        pass
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def create(folder: Path, config: str, now: datetime, salt: str | None = None) -> Workspace:
    """Make a workspace: its folders, its commented mediaarchive.toml, and the first record of its journal.

    Args:
        folder: made if it isn't there.
        config: the text of mediaarchive.toml.
        now: the time, for the journal.
        salt: 64 hex digits that ids are derived with; None: random. Give it to make a second workspace whose ids are the same.

    Raises:
        UsageError: there is a workspace already, or the salt is none.
        Unwritable: the folder can't be written.
    """
    workspace = Workspace(folder)
    if workspace.config.exists():
        raise UsageError(f"{workspace.config} is there already", hint="edit it, or choose another folder")
    chosen = salt or secrets.token_hex(_SALT_BYTES)
    if len(chosen) != 2 * _SALT_BYTES or not all(char in "0123456789abcdef" for char in chosen):
        raise UsageError("a salt has 64 hexadecimal digits", hint="leave --salt out, and a random one is made")
    try:
        for path in (workspace.root / "inbox", workspace.archive / "originals", workspace.spool):
            path.mkdir(parents=True, exist_ok=True)
        if not workspace.journal().last():
            identity = f"ws-{secrets.token_hex(4)}"
            workspace.journal().append(
                [{"kind": "workspace", "id": identity, "salt": chosen, "at": now.isoformat(timespec="seconds")}]
            )
        workspace.config.write_text(config, encoding="utf-8")
    except OSError as error:
        raise Unwritable(f"{error.filename or folder} can't be written: {error.strerror}") from error
    return workspace
