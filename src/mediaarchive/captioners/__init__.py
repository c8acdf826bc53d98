"""Who finds texts for an item: the sheet, sidecars, the file itself, the template that says there is none; and who drafts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mediaarchive.captioners.found import EmbeddedCaptioner, ModelCaptioner, SheetCaptioner, SidecarCaptioner
from mediaarchive.captioners.spending import Budget
from mediaarchive.captioners.template import TemplateCaptioner
from mediaarchive.errors import ConfigError

if TYPE_CHECKING:
    from mediaarchive.config.texts import TextsEngine
    from mediaarchive.ports import Drafter

__all__ = [
    "Budget",
    "EmbeddedCaptioner",
    "ModelCaptioner",
    "SheetCaptioner",
    "SidecarCaptioner",
    "TemplateCaptioner",
    "open_drafter",
]


def open_drafter(settings: TextsEngine, environment: Mapping[str, str], budget: Budget) -> Drafter | None:
    """Who is to draft texts, or None. Nobody is asked yet.

    Raises:
        ConfigError: something is missing that this kind needs; or the key is nowhere.
    """
    if settings.kind == "command":
        from mediaarchive.captioners.command import CommandDrafter  # noqa: PLC0415 - loaded where it is used

        if not settings.command:
            raise ConfigError('[texts.engine] kind = "command" needs command', hint='["/usr/local/bin/describe"], say')
        return CommandDrafter(command=settings.command, model=settings.model, seconds=settings.timeout, budget=budget)
    if settings.kind == "chat":
        from mediaarchive.captioners.chat import ChatDrafter  # noqa: PLC0415 - loaded where it is used

        if not (settings.url and settings.model):
            raise ConfigError('[texts.engine] kind = "chat" needs url and model', hint="http://127.0.0.1:8080/v1, say")
        name = settings.api_key_env
        key = environment.get(name, "").strip() if name else ""  # files end with a line's end, keys don't
        if name and not key:
            raise ConfigError(
                f"[texts.engine] api_key_env: the environment has no {name}, which is to hold the key",
                hint="systemd: EnvironmentFile=; cron: a file that only this user can read",
            )
        return ChatDrafter(
            url=settings.url,
            model=settings.model,
            key=key,
            allow_remote=settings.allow_remote,
            seconds=settings.timeout,
            tokens=settings.answer_tokens,
            budget=budget,
        )
    return None
