"""A web server that has our map says 410 for what was withdrawn, and goes on showing the notice: asked for real."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mediaarchive.site.maps import CLOUDFRONT_BYTES, FILES, SERVERS, gone_map

GONE, ALIAS, HERE = "p-aaaaaaaaaaaaa", "p-bbbbbbbbbbbbb", "p-ccccccccccccc"
EXPECTED = {
    f"media/{GONE}/640-0123abcd.avif": 410,
    f"media/{GONE}/1080p-0123abcd.mp4": 410,
    f"media/{ALIAS}/640-0123abcd.jpg": 410,
    f"media/{GONE}/index.html.bak": 410,
    f"media/{GONE}/640.jpg": 200,
    f"media/{GONE}/1280.jpg": 200,
    f"media/{GONE}/index.html": 200,
    f"media/{GONE}/index.pt-BR.html": 200,
    f"media/{GONE}/item.json": 200,
    f"media/{HERE}/640-0123abcd.jpg": 200,
    f"media/{HERE}/960-0123abcd.jpg": 404,
    "events/fair/manifest.json": 200,
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A published folder; one file of a withdrawn item was put back by somebody, to show that the map is what answers."""
    root = tmp_path / "site"
    for key, status in EXPECTED.items():
        if status == 200 or key.endswith("mp4"):
            (root / key).parent.mkdir(parents=True, exist_ok=True)
            (root / key).write_text(key, encoding="utf-8")
    return root


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        pytest.skip(f"{name} isn't installed")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[str]:
    """A server, once it accepts connections."""
    with (folder / "server.log").open("wb") as log:
        environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "server.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - a server of this test
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def nginx(folder: Path, site: Path, port: int, gone: Path) -> list[str]:
    (folder / "nginx.conf").write_text(
        f"""daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;
events {{}}
http {{
    access_log off; types {{ text/html html; image/jpeg jpg; }}
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {gone};
    server {{ listen 127.0.0.1:{port}; root {site}; if ($mediaarchive_gone) {{ return 410; }} }}
}}
""",
        encoding="utf-8",
    )
    return [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def apache(folder: Path, site: Path, port: int, gone: Path) -> list[str]:
    modules = Path("/usr/lib/apache2/modules")
    names = ("mpm_event", "authz_core", "rewrite", "mime", "dir")
    loads = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in names)
    user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    (folder / "apache.conf").write_text(
        f"""{loads}
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog /dev/stderr
TypesConfig /dev/null
Listen 127.0.0.1:{port}
{user}<VirtualHost *:{port}>
    DocumentRoot {site}
    <Directory {site}>
        Require all granted
    </Directory>
    Include {gone}
</VirtualHost>
""",
        encoding="utf-8",
    )
    return [program("apache2"), "-X", "-f", str(folder / "apache.conf")]


def caddy(folder: Path, site: Path, port: int, gone: Path) -> list[str]:
    (folder / "Caddyfile").write_text(
        "{\n    admin off\n    auto_https off\n}\n"
        f"http://127.0.0.1:{port} {{\n    root * {site}\n    import {gone}\n    file_server\n}}\n",
        encoding="utf-8",
    )
    return [program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.mark.parametrize("start", [nginx, apache, caddy], ids=lambda start: start.__name__)
@pytest.mark.parametrize("some", [True, False], ids=["withdrawn", "nothing-withdrawn"])
def test_a_server_answers_410_for_deleted_files_and_shows_the_notice(
    site: Path, tmp_path: Path, start: object, *, some: bool
) -> None:
    assert callable(start)
    folder = tmp_path / "server"
    folder.mkdir()
    for path in (tmp_path, *tmp_path.parents):
        if os.geteuid() == 0 and Path(tempfile.gettempdir()) in path.parents:  # servers read as a user of their own
            path.chmod(path.stat().st_mode | 0o055)
    gone = folder / FILES[start.__name__]
    gone = gone.with_name(f"map-{gone.name}")
    gone.write_text(gone_map(start.__name__, [ALIAS, GONE] if some else []), encoding="utf-8")
    port = free_port()
    with running(start(folder, site, port, gone), port, folder) as base:
        answers = {key: ask(f"{base}/{key}") for key in EXPECTED}
    wanted = EXPECTED if some else {key: 200 if (site / key).exists() else 404 for key in EXPECTED}
    assert answers == wanted


def test_a_cloudfront_function_answers_the_same() -> None:
    script = gone_map("cloudfront", [ALIAS, GONE]) + (
        "const asked = JSON.parse(require('fs').readFileSync(0));\n"
        "const say = asked.map(uri => { const found = handler({request: {uri, method: 'GET'}});"
        " return found.statusCode || found.uri; });\n"
        "console.log(JSON.stringify(say));\n"
    )
    uris = [f"/{key}" for key in EXPECTED]
    done = subprocess.run(
        [program("node"), "-e", script], input=json.dumps(uris), capture_output=True, text=True, check=True
    )
    passed = [410 if EXPECTED[uri[1:]] == 410 else uri for uri in uris]
    assert json.loads(done.stdout) == passed


def test_a_map_of_thousands_stays_valid_and_cloudfront_says_when_it_is_too_large(tmp_path: Path) -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    items = [f"p-{alphabet[n // 1024]}{alphabet[n // 32 % 32]}{alphabet[n % 32]}{'a' * 10}" for n in range(3000)]
    texts = {server: gone_map(server, items) for server in SERVERS}
    assert all(items[-1] in text for text in texts.values())
    assert "key value store" in texts["cloudfront"]
    small = gone_map("cloudfront", items[:400])
    assert len(small.encode()) <= CLOUDFRONT_BYTES
    assert "key value store" not in small
    gone = tmp_path / "map.conf"
    gone.write_text(texts["nginx"], encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ include {gone}; server {{ listen 127.0.0.1:1; }} }}",
        encoding="utf-8",
    )
    command = [program("nginx"), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "syntax is ok" in done.stderr, done.stderr
