"""Who made a picture and what may be done with it, as a line below it: licence names, safe links, credits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from mediaarchive.manifest.model import Rights

_CC_URL: Final = re.compile(r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z+-]+)/(\d\.\d)(/.*)?")
_CC_SPDX: Final = re.compile(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-(\d\.\d)(-[A-Z]+)?", re.IGNORECASE)
_LINKED: Final = ("https", "http")
_CONTACT: Final = ("mailto", "https", "http")


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Words, and where they lead; `href` None: nowhere."""

    name: str
    href: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Credits:
    """The line below a picture. `name` may be empty, `licence` None."""

    name: str
    licence: Link | None


def safe_href(url: str | None, schemes: tuple[str, ...] = _LINKED) -> str | None:
    """`url`, if a page may link to it: texts come from files of strangers, and `javascript:` is a URL too."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in schemes and (parts.netloc or parts.path) else None


def contact_link(contact: str | None, subject: str = "") -> Link | None:
    """Where a removal is asked for: a mailto: or https: address. Mail gets `subject`: an item's id."""
    href = safe_href(contact, _CONTACT)
    if href is None:
        return None
    if not href.startswith("mailto:"):
        return Link(name=re.sub(r"^https?://", "", href).rstrip("/"), href=href)
    name = href.removeprefix("mailto:").partition("?")[0]
    if subject and "?" not in href:
        href += f"?subject={quote(subject)}"
    return Link(name=name, href=href)


def licence_link(licence: str | None) -> Link | None:
    """A licence's name and address, from its URL or SPDX id. What is neither stays words without a link.

    Creative Commons' names and addresses follow https://creativecommons.org/licenses/ and the SPDX licence list.
    """
    if not licence or not licence.strip():
        return None
    text = licence.strip()
    if match := _CC_URL.fullmatch(text):
        return Link(name=_cc_name(match[1], match[2], match[3]), href=text)
    if match := _CC_SPDX.fullmatch(text):
        code = match[1].lower()
        return Link(
            name=f"CC {code.upper()} {match[2]}", href=f"https://creativecommons.org/licenses/{code}/{match[2]}/"
        )
    if text.upper() == "CC0-1.0":
        return Link(name="CC0 1.0", href="https://creativecommons.org/publicdomain/zero/1.0/")
    href = safe_href(text)
    return Link(name=re.sub(r"^https?://", "", text).rstrip("/") if href else text, href=href)


def credits_of(rights: Rights, default: Rights) -> Credits:
    """The line below a picture: credit, else author, else copyright; what the item leaves open, the event says."""
    own = merged(rights, default)
    name = own.credit or own.creator or own.copyright or ""
    if own.credit and own.creator and own.creator.casefold() not in own.credit.casefold():
        name = f"{own.creator} / {own.credit}"
    return Credits(name=name, licence=licence_link(own.licence))


def merged(rights: Rights, default: Rights) -> Rights:
    """The item's rights, completed field by field by the event's."""
    own = {name: value for name, value in rights if value is not None}
    return Rights(**(dict(default) | own))


def _cc_name(family: str, code: str, version: str) -> str:
    if family == "licenses":
        return f"CC {code.upper()} {version}"
    return f"CC0 {version}" if code == "zero" else f"Public Domain Mark {version}"
