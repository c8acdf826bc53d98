"""Texts that are there: in the event's sheet, in a sidecar beside the file, embedded in it; and a machine's, which come last."""

from __future__ import annotations

from dataclasses import replace

from mediaarchive.model import Subject, Text


class SheetCaptioner:
    """Rows of texts.csv: what the communication officer wrote."""

    name = "sheet"

    def describe(self, subject: Subject) -> tuple[Text, ...]:
        """The rows that name one of the item's files. What is said to be decorative is so where no row describes it."""
        written = [text for text in subject.sheet if text.state != "decorative"]
        silent = [text for text in subject.sheet if text.state == "decorative"]
        return (*written, *(replace(text, lang=lang) for text in silent for lang in subject.languages))


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


class ModelCaptioner:
    """What a machine wrote and nobody has read: it only fills what nobody has described."""

    name = "model"

    def describe(self, subject: Subject) -> tuple[Text, ...]:
        """The item's drafts; none, unless they are to be published."""
        return subject.drafts
