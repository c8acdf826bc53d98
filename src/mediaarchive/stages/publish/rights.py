"""Whose it is, and what may be done with it: what the file says, then what event.toml says, in the event's languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mediaarchive.config import EventFacts
from mediaarchive.manifest.model import (
    Rights,
)
from mediaarchive.model import Credit

_CC = re.compile(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-(\d\.\d)", re.IGNORECASE)


def rights(credit: Credit, event: EventFacts, languages: Sequence[str], photographer: str | None = None) -> Rights:
    """What the file says of its maker and licence; where it is silent, what event.toml says; then whose folder it lay in."""
    terms = {languages[0]: credit.usage_terms} if credit.usage_terms else named(event.usage_terms, languages)
    return Rights(
        credit=credit.credit or credit.creator or event.credit or photographer or None,
        creator=credit.creator or photographer,
        copyright=credit.copyright or event.copyright or None,
        licence=credit.licence_url or licence_url(event.licence) or None,
        usage_terms=terms or None,
    )


def licence_url(licence: str) -> str:
    """A licence as an address: an SPDX id of Creative Commons becomes its deed's URL, all else stays as it is.

    >>> licence_url("CC-BY-SA-4.0")
    'https://creativecommons.org/licenses/by-sa/4.0/'
    """
    if found := _CC.fullmatch(licence.strip()):
        return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/"
    if licence.strip().upper() in {"CC0-1.0", "CC0"}:
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    return licence.strip()


def named(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Texts by language; one whose language wasn't said is in the event's default language."""
    return {languages[0] if lang == "und" else lang: text for lang, text in texts.items()}
