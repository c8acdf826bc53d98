"""One tree of errors, each with a stable code, an exit status and what to do next.

    MediaArchiveError                 1   a bug, or something nobody foresaw
    ├── UsageError                    2   usage
    │   └── ConfigError               2   a setting or event.toml is wrong
    ├── NoWorkspace                  10   not inside a workspace
    ├── Busy                         75   another run holds the workspace
    ├── Refused                       4   refused before starting; nothing was done
    │   ├── DiskFull                  4
    │   ├── Unwritable                4
    │   ├── MissingProgram            4
    │   ├── StoreRefused              4   no such bucket, wrong credentials
    │   ├── EventOwned                4   another workspace publishes this event
    │   ├── EngineRefused             4   who drafts texts can't be used: no such model, wrong key, a public host
    │   ├── Incomplete                4   originals, or the journal's end, are lost: `rebuild`
    │   └── NewerArchive              4   a newer version wrote something that this one doesn't know
    ├── StoreError                    5   the store failed midway; trying again helps
    │   ├── Exists                    5   a write-once name is taken (callers handle it)
    │   ├── Conflict                  5   a compare-and-swap lost (callers handle it)
    │   └── Damaged                   5   the store holds other bytes than it was given
    ├── EngineFault                   5   who drafts texts didn't answer; trying again helps
    ├── Unusable                      5   who drafts texts answered with none (callers handle it)
    ├── EncoderFault                  5   an encoder of this machine made a broken file; trying again may help
    └── BadInput                      3   one file's fault: a `Problem`, carried as a value across processes

`docs/errors.md` lists every code; a test keeps it complete.
"""

from __future__ import annotations

from typing import Any

from mediaarchive.model import Problem

EXIT_DONE = 0
EXIT_PROBLEMS = 3
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


class MediaArchiveError(Exception):
    """The base: `except MediaArchiveError` catches all that mediaarchive raises on purpose."""

    code = "internal"
    exit_status = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(MediaArchiveError):
    """The command can't be carried out as it was typed."""

    code = "usage"
    exit_status = 2


class ConfigError(UsageError):
    """A setting is unknown, of the wrong type, or not allowed where it stands."""

    code = "config"


class NoWorkspace(MediaArchiveError):
    """There is no mediaarchive.toml here."""

    code = "no-workspace"
    exit_status = 10


class Busy(MediaArchiveError):
    """Another run holds the workspace: names its process and since when."""

    code = "busy"
    exit_status = 75


class Refused(MediaArchiveError):
    """Refused before starting: nothing was changed."""

    code = "refused"
    exit_status = 4


class DiskFull(Refused):
    """Not enough room for what is to be written."""

    code = "disk-full"


class Unwritable(Refused):
    """A folder can't be written."""

    code = "unwritable"


class MissingProgram(Refused):
    """A program (ffmpeg) can't be found or run."""

    code = "missing-program"


class StoreRefused(Refused):
    """The store can't be used at all: no such bucket, wrong credentials, unreachable endpoint."""

    code = "store-refused"


class EventOwned(Refused):
    """Another workspace publishes this event into this store."""

    code = "event-owned"


class EngineRefused(Refused):
    """Who drafts texts can't be asked: no program, no such model, a wrong key, or a host that pictures may not be sent to."""

    code = "engine-refused"


class Incomplete(Refused):
    """The archive has lost something that is published: publishing now would take it off the page."""

    code = "archive-incomplete"


class NewerArchive(Refused):
    """A newer version of this program wrote what this one can't read, and must not pass over: it may withdraw something."""

    code = "newer-archive"


class StoreError(MediaArchiveError):
    """The store failed midway: what is published stays whole, and the next run goes on."""

    code = "store-failed"
    exit_status = 5


class Exists(StoreError):
    """A write-once name is already taken."""

    code = "store-exists"


class Conflict(StoreError):
    """Somebody else moved a name between our look and our write."""

    code = "store-conflict"


class Damaged(StoreError):
    """What the store holds is not what it was given."""

    code = "store-damaged"


class EngineFault(MediaArchiveError):
    """Who drafts texts didn't answer, or said that it is at fault. `stop`: nothing else should be asked for now."""

    code = "engine-failed"
    exit_status = 5

    def __init__(self, message: str, *, hint: str | None = None, stop: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.stop = stop


class Unusable(MediaArchiveError):
    """Who drafts texts answered, and no text could be had of it: asking the same again gives the same."""

    code = "answer-unusable"
    exit_status = 5


class EncoderFault(MediaArchiveError):
    """An encoder made something else than it was given: this machine's fault, never the photographer's."""

    code = "encoder-fault"
    exit_status = 5


class BadInput(MediaArchiveError):
    """A file can't be used. Raised inside a worker, it crosses processes as its `problem`; `params` are what fills the reason."""

    code = "bad-input"
    exit_status = EXIT_PROBLEMS

    def __init__(self, code: str, reason: str, **params: str | float) -> None:
        super().__init__(reason)
        self.problem = Problem(code=code, reason=reason, params=params)

    @classmethod
    def of(cls, problem: Problem) -> BadInput:
        """The error that carries this problem."""
        error = cls(problem.code, problem.reason)
        error.problem = problem
        return error

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self.problem,)
