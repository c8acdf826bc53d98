"""The settings of texts: in which languages, and who may draft them. A part of the one table in `settings`."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from mediaarchive.config.section import Section


class TextsEngine(Section):
    """Who drafts alternative texts for `texts draft`. Nobody is asked unless this says whom."""

    kind: Literal["none", "command", "chat"] = Field(
        "none",
        description="none. command: a program of yours. chat: a server that speaks OpenAI's /chat/completions, such as llama-server, Ollama or vLLM.",
    )
    command: tuple[str, ...] = Field(
        (), description="command: the program and its arguments; it reads JSON on its standard input, and prints JSON."
    )
    url: str = Field("", description="chat: the server's address up to /chat/completions: http://127.0.0.1:8080/v1")
    model: str = Field("", description="chat: the model, as the server calls it. command: a name for the records.")
    api_key_env: str = Field(
        "", description="chat: the name of the environment variable that holds the key. Never the key itself."
    )
    allow_remote: bool = Field(
        False,
        description="chat: true lets published pictures be sent to a server that is not on this machine or a private network.",
    )
    timeout: float = Field(120, gt=0, le=3600, description="Seconds for one answer, from the first byte to the last.")
    parallel: int = Field(1, ge=1, le=16, description="Pictures asked about at the same time.")
    max_calls: int = Field(1000, ge=0, description="Requests that one `texts draft` may make; 0: any number.")
    max_tokens: int = Field(
        2_000_000,
        ge=0,
        description="Tokens, as the server counts them, after which one `texts draft` asks no more; 0: any number.",
    )
    answer_tokens: int = Field(
        2000, ge=100, description="chat: tokens that one answer may have; models that think first need more."
    )
    in_run: int = Field(
        0,
        ge=0,
        description="Pictures without a description that each scheduled run asks about when it is done with all else; 0: none, they are asked about by `texts draft` only.",
    )

    @field_validator("api_key_env")
    @classmethod
    def _a_name(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
            # Without its value: it may be the key, and this sentence ends up in logs.
            raise ValueError("write the name of an environment variable, in capitals, never a key")
        return value

    @field_validator("url")
    @classmethod
    def _safe_url(cls, value: str) -> str:
        if not value:
            return value
        if "@" in value or "?" in value:
            raise ValueError("url must hold no user name, password or key; api_key_env names where the key is")
        if not re.match(r"https?://[^/\s]", value):
            raise ValueError("url must start with http:// or https://")
        return value


class Texts(Section):
    """Languages and descriptions."""

    languages: tuple[str, ...] = Field(
        ("en",), min_length=1, description="BCP 47; the default language first. event.toml may say otherwise."
    )
    drafts: Literal["hold", "flag"] = Field(
        "hold",
        description="What becomes of a machine's drafts (`texts draft`) that nobody has read yet. hold: they stand in the sheet of `texts export` only. flag: they are published, marked as automatic and not reviewed.",
    )
    engine: TextsEngine = TextsEngine()
