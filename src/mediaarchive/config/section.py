"""What every section of the settings is: a table of keys, each with its default and a sentence."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section: immutable, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)
