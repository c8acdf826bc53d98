"""Texts that people wrote: embedded in the file, in a sidecar beside it, or in the event's sheet."""

from __future__ import annotations

from mediaarchive.model import Subject, Text


class SheetCaptioner:
    """Rows of texts.csv: what the communication officer wrote."""

    name = "sheet"

    def describe(self, subject: Subject) -> tuple[Text, ...]:
        """The rows that name one of the item's files."""
        return subject.sheet


class SidecarCaptioner:
    """`.xmp` files beside the photograph."""

    name = "sidecar"

    def describe(self, subject: Subject) -> tuple[Text, ...]:
        """What the item's sidecars say."""
        return subject.sidecar


class EmbeddedCaptioner:
    """IPTC, XMP and EXIF inside the item's files: captions as captions, alternative texts from the accessibility fields only."""

    name = "embedded"

    def describe(self, subject: Subject) -> tuple[Text, ...]:
        """What the item's files say, the master's first."""
        return subject.embedded
