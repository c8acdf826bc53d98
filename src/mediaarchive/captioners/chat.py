"""Drafts from a server that speaks OpenAI's `/chat/completions`: llama-server, Ollama, vLLM, LM Studio, and hosts in a cloud.

What these servers agree on is little: a schema may be ignored or refused, the answer may lie in a fence or among the model's
thoughts, and a limit may go by another name. So a request that is refused is asked again in a plainer form, which is then kept.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, Final

from mediaarchive.captioners.answers import read_texts, whole
from mediaarchive.captioners.asking import PROMPT, instructions, schema
from mediaarchive.captioners.reaching import Answered, Host
from mediaarchive.captioners.spending import Budget
from mediaarchive.errors import EngineFault, EngineRefused, Unusable
from mediaarchive.model import Question, Reply

_ATTEMPTS: Final = 4
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_DISLIKED: Final = frozenset({400, 413, 415, 422, 501})  # the form of a request, or this picture
_LONGEST_WAIT: Final = 60.0  # seconds; whoever asks for more is asked another day
_SHOWN: Final = 200  # characters of a server's own words


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """How a request is put: with all that helps, or without what a server doesn't know."""

    schema: bool = True
    temperature: bool = True
    limit: str = "max_tokens"
    nested: bool = True  # the picture's address inside an object, as OpenAI has it

    def plainer(self, complaint: str) -> _Form | None:
        """Without what a server complains of; None where there is nothing left to leave out."""
        said = complaint.casefold()
        if self.limit == "max_tokens" and "max_completion_tokens" in said:
            return replace(self, limit="max_completion_tokens")
        if self.temperature and "temperature" in said:
            return replace(self, temperature=False)
        if self.nested and "image_url" in said:
            return replace(self, nested=False)
        return replace(self, schema=False) if self.schema else None


class ChatDrafter:
    """Asks one server for one model's texts.

    Args:
        url: up to `/chat/completions`.
        model: as the server calls it.
        key: sent as a bearer token, and never shown; empty: none.
        allow_remote: whether the server may be elsewhere than on this machine or a private network.
        seconds: for one answer.
        tokens: of one answer.
        budget: what asking may cost.
    """

    engine = "chat"
    prompt = PROMPT

    def __init__(
        self,
        *,
        url: str,
        model: str,
        key: str,
        allow_remote: bool,
        seconds: float,
        tokens: int,
        budget: Budget,
    ) -> None:
        self.model = model
        self._host = Host(url, allow_remote=allow_remote)
        self._key = key
        self._seconds = seconds
        self._tokens = tokens
        self._budget = budget
        self._closed = threading.Event()
        self._form = _Form()

    def draft(self, question: Question) -> Reply:
        """Ask, again in a plainer form where the server doesn't like this one, and once more where the answer is no JSON."""
        form = self._form
        try:
            return self._ask(question, form)
        except Unusable:
            if not self._form.schema:
                raise
        return self._ask(question, replace(self._form, schema=False))

    def close(self) -> None:
        """Cut what is being asked, and what waits to be."""
        self._closed.set()
        self._host.close()

    def _ask(self, question: Question, form: _Form) -> Reply:
        while True:
            body = json.dumps(_body(question, self.model, self._tokens, form)).encode()
            answer = self._sent(body)
            if answer.status not in _DISLIKED:
                break
            plainer = form.plainer(said := self._words(answer))
            if plainer is None:
                raise EngineFault(f"{self._host.name} refuses the request ({answer.status}): {said}")
            form = plainer
        if answer.status != 200:
            self._refused(answer)
        reply = self._read(question, answer, hashlib.sha256(body).hexdigest())
        self._form = form  # what was understood is how the next picture is asked about
        return reply

    def _sent(self, body: bytes) -> Answered:
        """Ask until somebody answers who isn't busy, a few times, as the server wishes."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        for attempt in range(1, _ATTEMPTS + 1):
            if self._closed.is_set():
                raise EngineFault("it was given up", stop=True)
            self._budget.call()
            answer = self._host.post("/chat/completions", body, headers, seconds=self._seconds)
            if answer.status not in _BUSY:
                return answer
            wait = _wished(answer.headers.get("retry-after", "")) or float(2 ** (attempt - 1))
            if wait > _LONGEST_WAIT:
                raise EngineFault(
                    f"{self._host.name} asks to be left alone for {wait:.0f} s ({answer.status})",
                    hint="the same command goes on later",
                    stop=True,
                )
            if attempt < _ATTEMPTS and self._closed.wait(wait):
                raise EngineFault("it was given up", stop=True)
        raise EngineFault(f"{self._host.name} can't answer now ({answer.status}): {self._words(answer)}")

    def _refused(self, answer: Answered) -> None:
        said = f"{self._host.name} answers {answer.status}: {self._words(answer)}"
        if 300 <= answer.status < 400:
            raise EngineRefused(f"{said}; it sends us elsewhere, and nothing is sent there", hint="correct url")
        hints = {
            401: "is the key right? [texts.engine] api_key_env names where it is",
            403: "may this key use this model?",
            404: "is [texts.engine] url right (up to /chat/completions), and is there such a model?",
        }
        raise EngineRefused(said, hint=hints.get(answer.status, "see the server's own log"))

    def _words(self, answer: Answered) -> str:
        """What a server says of an error, in a few words, without our key."""
        text = answer.body.decode("utf-8", "replace")
        try:
            value = json.loads(text)
            inner = value.get("error", value) if isinstance(value, dict) else value
            text = str(inner.get("message", inner) if isinstance(inner, dict) else inner)
        except (ValueError, RecursionError):
            pass
        if self._key:
            text = text.replace(self._key, "…")
        return " ".join(whole(text).split())[:_SHOWN] or "nothing"

    def _read(self, question: Question, answer: Answered, sent: str) -> Reply:
        try:
            value = json.loads(answer.body)
            choice = value["choices"][0]
            message = choice["message"]
            usage = value.get("usage") or {}
            tokens = int(usage.get("total_tokens") or 0)
            said = _content(message)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise Unusable(f"{self._host.name} answers with something else than a chat completion") from error
        self._budget.cost(tokens)
        if choice.get("finish_reason") == "length":
            raise Unusable(f"its answer was cut off after {self._tokens} tokens; [texts.engine] answer_tokens")
        if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
            raise Unusable("it refuses to describe this picture")
        return Reply(texts=read_texts(said, question.languages), sent=sent, tokens=tokens)


def _body(question: Question, model: str, tokens: int, form: _Form) -> dict[str, Any]:
    picture = f"data:image/jpeg;base64,{base64.b64encode(question.picture).decode()}"
    content = [
        {"type": "text", "text": instructions(question)},
        {"type": "image_url", "image_url": {"url": picture} if form.nested else picture},
    ]
    body: dict[str, Any] = {
        "model": model,
        form.limit: tokens,
        "messages": [{"role": "user", "content": content}],
    }
    if form.temperature:
        body["temperature"] = 0
    if form.schema:
        wanted = {"name": "texts", "strict": True, "schema": schema(question.languages)}
        body["response_format"] = {"type": "json_schema", "json_schema": wanted}
    return body


def _content(message: Mapping[str, Any]) -> str:
    """What a model said. Some servers give parts; some leave it empty, and put all of it among the model's thoughts."""
    said = message.get("content") or ""
    if isinstance(said, list):
        said = "".join(str(part.get("text", "")) for part in said if isinstance(part, dict))
    thoughts = (message.get(name) for name in ("reasoning_content", "reasoning", "thinking"))
    return str(said).strip() or next((str(one) for one in thoughts if one), "")


def _wished(header: str) -> float:
    """How long a server wishes to be left alone (Retry-After: seconds, or a date); 0 where it doesn't say."""
    try:
        return 0.0 if math.isnan(seconds := float(header)) else max(seconds, 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(header).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError):
        return 0.0
