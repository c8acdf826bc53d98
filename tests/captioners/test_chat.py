"""A server of chat completions, asked over a real socket: whatever it does, there is an answer or an error, in time."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from chat_server import SAID, Asked, ChatServer, Say, completion, described

from mediaarchive.captioners import Budget, open_drafter, reaching
from mediaarchive.captioners.chat import ChatDrafter, _wished
from mediaarchive.captioners.reaching import _is_near
from mediaarchive.captioners.spending import Spent
from mediaarchive.config.texts import TextsEngine
from mediaarchive.errors import ConfigError, EngineFault, EngineRefused, Unusable
from mediaarchive.model import Question

QUESTION = Question(picture=b"\xff\xd8\xff\xd9", languages=("fr", "nl"), known={"event": "Commons Week"})
KEY = "sk-abcdefghijklmnop"  # nobody's


def drafter(url: str, *, seconds: float = 5, key: str = "", budget: Budget | None = None) -> ChatDrafter:
    return ChatDrafter(
        url=url, model="eyes", key=key, allow_remote=False, seconds=seconds, tokens=500, budget=budget or Budget()
    )


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as running:
        yield running


def test_one_picture_is_asked_about_once_in_all_languages_with_what_is_known(server: ChatServer) -> None:
    budget = Budget()
    reply = drafter(server.url, key=KEY, budget=budget).draft(QUESTION)
    assert reply.texts == {"fr": SAID["fr"], "nl": SAID["nl"]}
    assert (len(reply.sent), budget.calls, budget.tokens) == (64, 1, 1000)
    [asked] = server.asked
    assert asked.jpegs == [QUESTION.picture]
    assert asked.languages == ["fr", "nl"]
    assert '"Commons Week"' in asked.prompt
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["host"] == server.url.removeprefix("http://").removesuffix("/v1")
    assert (asked.value["model"], asked.value["temperature"]) == ("eyes", 0)
    wanted = asked.value["response_format"]["json_schema"]["schema"]["properties"]["texts"]
    assert wanted["required"] == ["fr", "nl"]


def test_a_busy_server_is_left_alone_as_long_as_it_asks(server: ChatServer) -> None:
    server.then = [Say(status=429, headers={"Retry-After": "1"}), Say(status=500)]
    started = time.monotonic()
    assert drafter(server.url).draft(QUESTION).texts["fr"] == SAID["fr"]
    assert time.monotonic() - started >= 3, "1 s as it wished, and 2 s since it didn't say"
    assert len(server.asked) == 3


def test_when_to_come_back_may_be_a_date() -> None:
    assert 25 < _wished(formatdate(time.time() + 30, usegmt=True)) <= 30
    assert _wished(formatdate(time.time() - 30, usegmt=True)) == 0
    assert (_wished("2.5"), _wished("soon"), _wished("")) == (2.5, 0, 0)


def test_when_to_come_back_may_be_nonsense() -> None:
    assert (_wished("nan"), _wished("soon"), _wished("-3")) == (0.0, 0.0, 0.0)


def test_a_server_that_wants_to_be_left_alone_for_an_hour_ends_it(server: ChatServer) -> None:
    server.then = [Say(status=429, headers={"Retry-After": "3600"})]
    with pytest.raises(EngineFault, match="left alone for 3600 s") as caught:
        drafter(server.url).draft(QUESTION)
    assert caught.value.stop
    assert len(server.asked) == 1


@pytest.mark.parametrize("say", [Say(hang=3), Say(completion("x" * 200), drip=0.05)], ids=["hangs", "drips"])
def test_a_server_that_hangs_or_drips_is_given_up_in_time(server: ChatServer, say: Say) -> None:
    server.then = [say]
    started = time.monotonic()
    with pytest.raises(EngineFault, match=r"has not answered in 0\.5 s"):
        drafter(server.url, seconds=0.5).draft(QUESTION)
    assert time.monotonic() - started < 2


ANSWERS = json.dumps({"texts": {"fr": SAID["fr"], "nl": SAID["nl"]}})


@pytest.mark.parametrize(
    "content",
    [
        ANSWERS,
        f"```json\n{ANSWERS}\n```",
        f"Here you are:\n\n```\n{ANSWERS}\n```\nAnything else?",
        f"<think>A {{table}}… </think>\n{ANSWERS}",
        f"Of course! {ANSWERS} I hope this helps.",
        json.dumps({"fr": SAID["fr"], "nl": {"alt": SAID["nl"]}}),
        json.dumps({"languages": {"FR": {"alt": SAID["fr"]}, "nl": {"alt": SAID["nl"]}}}),
        [{"type": "text", "text": ANSWERS}],
    ],
)
def test_an_answer_is_found_in_whatever_stands_around_it(server: ChatServer, content: object) -> None:
    server.then = [Say(completion(content))]
    assert drafter(server.url).draft(QUESTION).texts == {"fr": SAID["fr"], "nl": SAID["nl"]}
    assert len(server.asked) == 1


def test_an_answer_that_is_put_among_the_thoughts_is_found(server: ChatServer) -> None:
    server.then = [Say(completion("", reasoning_content=ANSWERS))]
    assert drafter(server.url).draft(QUESTION).texts["nl"] == SAID["nl"]


def test_what_is_no_json_is_asked_once_more_without_a_schema(server: ChatServer) -> None:
    server.then = [Say(completion("A table. People."))]
    drafter(server.url).draft(QUESTION)
    first, second = server.asked
    assert "response_format" in first.value
    assert "response_format" not in second.value


@pytest.mark.parametrize(
    ("say", "sentence"),
    [
        (Say(completion("A table. People.")), 'it answered "A table. People." instead of texts in fr, nl'),
        (Say(completion("")), "it answered nothing"),
        (Say(completion(ANSWERS[:50], finish="length")), "cut off after 500 tokens"),
        (Say(completion(None, refusal="I can't.")), "refuses"),
        (Say(completion("", finish="content_filter")), "refuses"),
        (Say(b"<html>Welcome</html>"), "something else than a chat completion"),
        (Say(b'{"choices": []}'), "something else than a chat completion"),
        (Say(completion("{" * 5000)), "it answered"),
    ],
)
def test_what_can_t_be_used_is_said_and_never_a_text(server: ChatServer, say: Say, sentence: str) -> None:
    server.always = lambda _: say
    with pytest.raises(Unusable) as caught:
        drafter(server.url).draft(QUESTION)
    assert sentence in caught.value.message
    assert len(server.asked) == 2


def test_half_a_character_is_told_and_stops_nobody(server: ChatServer) -> None:
    """JSON may hold one half of a character alone; no file can."""
    server.then = [Say(completion('{"texts": {"fr": "Une table \\ud83d."}}'))]
    assert drafter(server.url).draft(QUESTION).texts == {"fr": "Une table \ufffd."}
    server.then = [Say(status=404, body=b'{"error": {"message": "no \\ud83d"}}')]
    with pytest.raises(EngineRefused, match="no \ufffd"):
        drafter(server.url).draft(QUESTION)


def test_a_language_that_is_left_out_is_left_out(server: ChatServer) -> None:
    server.then = [Say(completion(json.dumps({"texts": {"nl": SAID["nl"], "fr": "", "de": "Ein Tisch."}})))]
    assert drafter(server.url).draft(QUESTION).texts == {"nl": SAID["nl"]}


def picky(asked: Asked) -> Say:
    """A server that knows neither schemas nor temperatures, and calls the limit otherwise."""
    for name, said in (
        ("max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        ("temperature", "'temperature' does not support 0 with this model."),
        ("response_format", "Invalid schema."),
    ):
        if name in asked.value:
            return Say(json.dumps({"error": {"message": said}}).encode(), status=400)
    return described(asked)


def test_what_a_server_does_not_know_is_left_out_and_it_is_not_bothered_with_it_again(server: ChatServer) -> None:
    server.always = picky
    one = drafter(server.url)
    assert one.draft(QUESTION).texts["fr"] == SAID["fr"]
    assert len(server.asked) == 4
    assert one.draft(QUESTION).texts["fr"] == SAID["fr"]
    assert len(server.asked) == 5, "the next picture is asked about in the plain form at once"
    assert server.asked[-1].value["max_completion_tokens"] == 500


def test_a_picture_is_sent_as_a_plain_address_to_whoever_wants_that(server: ChatServer) -> None:
    server.then = [Say(b'{"error": "image_url must be a string"}', status=400)]
    drafter(server.url).draft(QUESTION)
    assert isinstance(server.asked[1].parts[1]["image_url"], str)
    assert server.asked[1].jpegs == [QUESTION.picture]


@pytest.mark.parametrize(("status", "hint"), [(401, "api_key_env"), (403, "key"), (404, "url")])
def test_a_refusal_is_told_with_what_to_do_and_without_the_key(server: ChatServer, status: int, hint: str) -> None:
    said = json.dumps({"error": {"message": f"Incorrect API key: {KEY}"}}).encode()
    server.always = lambda _: Say(said, status=status)
    with pytest.raises(EngineRefused) as caught:
        drafter(server.url, key=KEY).draft(QUESTION)
    assert "Incorrect API key: …" in caught.value.message
    assert hint in str(caught.value.hint)
    assert KEY not in caught.value.message + str(caught.value.hint)


def test_nothing_is_followed_to_another_place(server: ChatServer) -> None:
    with ChatServer() as elsewhere:
        server.always = lambda _: Say(status=307, headers={"Location": f"{elsewhere.url}/chat/completions"})
        with pytest.raises(EngineRefused, match="sends us elsewhere"):
            drafter(server.url, key=KEY).draft(QUESTION)
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("192.168.1.20", True),
        ("10.1.2.3", True),
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("8.8.8.8", False),
        ("2001:4860:4860::8888", False),
        ("::ffff:8.8.8.8", False),
        ("::ffff:127.0.0.1", True),
        ("100.64.0.1", False),
    ],
)
def test_it_is_known_which_addresses_are_near(address: str, near: bool) -> None:  # noqa: FBT001 - a table
    assert _is_near(address) == near


def test_nothing_is_sent_to_a_public_host_unless_it_is_allowed_nor_unencrypted_then() -> None:
    with pytest.raises(EngineRefused, match="nothing was sent") as caught:
        drafter("https://8.8.8.8/v1").draft(QUESTION)
    assert "allow_remote" in str(caught.value.hint)
    bold = ChatDrafter(
        url="http://8.8.8.8/v1", model="eyes", key=KEY, allow_remote=True, seconds=1, tokens=500, budget=Budget()
    )
    with pytest.raises(EngineRefused, match="unencrypted"):
        bold.draft(QUESTION)


def test_nobody_there_is_said_in_words() -> None:
    with pytest.raises(EngineFault, match="doesn't answer: Connection refused"):
        drafter("http://127.0.0.1:9/v1").draft(QUESTION)
    with pytest.raises(EngineFault, match="can't be resolved"):
        drafter("http://no-such-host.invalid/v1").draft(QUESTION)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_what_is_no_answer_at_all_is_said_in_words(answer: bytes) -> None:
    """Somebody else's server, one that falls over, and lines that break."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.recv(1 << 16)
                taken.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(EngineFault, match=r"doesn't answer: ."):
            drafter(f"http://127.0.0.1:{listening.getsockname()[1]}/v1").draft(QUESTION)


def test_a_name_with_several_addresses_is_reached_at_the_one_that_answers(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`localhost` is ::1 first, and many servers listen at 127.0.0.1 alone."""
    port = int(server.url.rpartition(":")[2].partition("/")[0])
    both = [(socket.AF_INET6, 1, 6, "", ("::1", port, 0, 0)), (socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]
    known = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - as it is
        return both if host == "localhost" else known(host, *rest, **more)

    monkeypatch.setattr("mediaarchive.captioners.reaching.socket.getaddrinfo", resolve)
    assert drafter(server.url.replace("127.0.0.1", "localhost")).draft(QUESTION).texts["fr"] == SAID["fr"]


def test_a_budget_ends_it_between_two_requests(server: ChatServer) -> None:
    one = drafter(server.url, budget=Budget(calls=2))
    one.draft(QUESTION)
    one.draft(QUESTION)
    with pytest.raises(Spent, match="2 requests"):
        one.draft(QUESTION)
    assert len(server.asked) == 2
    other = drafter(server.url, budget=Budget(tokens=1500))
    other.draft(QUESTION)
    other.draft(QUESTION)
    with pytest.raises(Spent, match="1500 tokens"):
        other.draft(QUESTION)


def test_a_model_may_think_for_longer_than_a_connection_may_take(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "_CONNECT", 0.2)
    server.then = [Say(completion(json.dumps({"texts": SAID})), hang=1)]
    assert drafter(server.url).draft(QUESTION).texts["fr"] == SAID["fr"]


def test_what_is_being_asked_can_be_given_up(server: ChatServer) -> None:
    server.always = lambda _: Say(hang=20)
    one = drafter(server.url, seconds=30)
    started = time.monotonic()
    threading.Timer(0.3, one.close).start()
    with pytest.raises(EngineFault):
        one.draft(QUESTION)
    assert time.monotonic() - started < 3


def test_what_was_given_up_asks_nobody_any_more(server: ChatServer) -> None:
    one = drafter(server.url)
    one.close()
    with pytest.raises(EngineFault, match="given up"):
        one.draft(QUESTION)
    assert server.asked == []


@pytest.mark.parametrize(
    ("say", "error"),
    [
        (Say(body=b"[" * 100_000), Unusable),
        (Say(status=403, body=b"[" * 100_000), EngineRefused),
        (Say(body=b'{"choices": [{"message": {"content": "x"}}], "usage": {"total_tokens": 1e999}}'), Unusable),
    ],
)
def test_no_answer_is_so_strange_that_it_ends_in_a_traceback(
    server: ChatServer, say: Say, error: type[Exception]
) -> None:
    server.always = lambda _: say
    with pytest.raises(error):
        drafter(server.url).draft(QUESTION)


@pytest.mark.parametrize(
    ("url", "error"),
    [("http://[::1:8080/v1", EngineRefused), ("http://a..b/v1", EngineFault), (f"http://{'a' * 64}/v1", EngineFault)],
)
def test_an_address_that_is_none_is_said_in_words(url: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"no host or port|no name of a host"):
        drafter(url).draft(QUESTION)


def test_a_key_s_line_end_is_not_part_of_it(server: ChatServer) -> None:
    settings = TextsEngine(kind="chat", url=server.url, model="eyes", api_key_env="EYES_KEY")
    one = open_drafter(settings, {"EYES_KEY": f"{KEY}\n"}, Budget())
    assert one is not None
    one.draft(QUESTION)
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    with pytest.raises(ConfigError, match="EYES_KEY"):
        open_drafter(settings, {"EYES_KEY": " \n"}, Budget())


def test_a_kind_needs_its_settings_and_a_key_stands_in_the_environment_alone() -> None:
    assert open_drafter(TextsEngine(), {}, Budget()) is None
    with pytest.raises(ConfigError, match="needs url and model"):
        open_drafter(TextsEngine(kind="chat", url="http://localhost/v1"), {}, Budget())
    with pytest.raises(ConfigError, match="needs command"):
        open_drafter(TextsEngine(kind="command"), {}, Budget())
    settings = TextsEngine(kind="chat", url="http://localhost/v1", model="eyes", api_key_env="EYES_KEY")
    with pytest.raises(ConfigError, match="EYES_KEY"):
        open_drafter(settings, {}, Budget())
    assert open_drafter(settings, {"EYES_KEY": KEY}, Budget()) is not None


def test_a_certificate_that_nobody_vouches_for_ends_it_and_one_that_is_known_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is connected to, and the name is what the certificate must have."""
    certificate = self_signed(tmp_path, "localhost")
    with ChatServer(certificate=certificate) as server:
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(EngineFault, match="certificate: self-signed"):
            drafter(url).draft(QUESTION)
        assert server.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert drafter(url).draft(QUESTION).texts["fr"] == SAID["fr"]
        with pytest.raises(EngineFault, match="its certificate is another's"):
            drafter(url.replace("localhost", "127.0.0.1")).draft(QUESTION)


def self_signed(folder: Path, name: str) -> Path:
    """A certificate and its key, in one file."""
    path = folder / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    command += ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(path), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "cert.pem").read_bytes())
    return path
