"""The policies of config/s3, applied to a bucket; and users of a real radosgw, to see what they may do."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from s3_buckets import client

CONFIG = Path(__file__).resolve().parents[2] / "config" / "s3"


def policy(name: str, bucket: str, prefix: str, user: str = "") -> list[dict[str, Any]]:
    """The statements of one of our policies for a bucket; `user`: in a bucket's policy, for this user only."""
    text = (CONFIG / f"{name}.json").read_text(encoding="utf-8").replace("BUCKET", bucket).replace("PREFIX", prefix)
    statements: list[dict[str, Any]] = json.loads(text)["Statement"]
    for statement in statements if user else ():
        statement["Principal"] = {"AWS": [f"arn:aws:iam:::user/{user}"]}
        statement["Sid"] += user.partition("-")[0].capitalize()
    return statements


def set_up(endpoint: str, bucket: str, prefix: str, *more: dict[str, Any]) -> None:
    """Public read and CORS as config/s3 has them, and further statements."""
    s3 = client(endpoint)
    statements = [*policy("public-read-policy", bucket, prefix), *more]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    cors = json.loads((CONFIG / "cors.json").read_text(encoding="utf-8"))
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=cors)


def new_user(name: str) -> tuple[str, str, str]:
    """A new user of the radosgw that scripts/ceph started: its uid, key and secret."""
    uid, key, secret = f"{name}-{secrets.token_hex(4)}", secrets.token_hex(8), secrets.token_hex(12)
    state = os.environ.get("CEPH_DIR", f"{os.environ.get('TMPDIR', tempfile.gettempdir())}/mediaarchive-ceph")
    command = ["radosgw-admin", "user", "create", f"--uid={uid}", f"--display-name={uid}"]
    subprocess.run(
        [*command, f"--access-key={key}", f"--secret-key={secret}"],
        env=os.environ | {"CEPH_CONF": f"{state}/ceph.conf"},
        check=True,
        capture_output=True,
        timeout=60,
    )
    return uid, key, secret
