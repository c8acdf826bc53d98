"""Buckets for tests, and a plain client to look at a server from the side."""

from __future__ import annotations

import functools
import json
import secrets
from typing import TYPE_CHECKING

import boto3.session

from mediaarchive.config.settings import StoreSettings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@functools.cache
def client(endpoint: str) -> S3Client:
    """A plain client, with the keys that the environment has at its first use."""
    return boto3.session.Session().client("s3", endpoint_url=endpoint, region_name="us-east-1")


def new_bucket(endpoint: str, *, versioned: bool = False) -> str:
    """A new bucket's name. One for each test: moto looks through all objects of a bucket for every listing."""
    name = f"test-{secrets.token_hex(6)}"
    client(endpoint).create_bucket(Bucket=name)
    if versioned:
        client(endpoint).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def let_read(endpoint: str, bucket: str) -> None:
    """Anybody may read what is in the bucket, and nothing else."""
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    client(endpoint).put_bucket_policy(Bucket=bucket, Policy=policy)


def new_store(endpoint: str, *, through: str = "", versioned: bool = False, **settings: str | bool) -> StoreSettings:
    """Settings of an empty store below a prefix of a new bucket; `through`: the address of a proxy to use."""
    given = {"url": f"s3://{new_bucket(endpoint, versioned=versioned)}/site", "endpoint": through or endpoint}
    return StoreSettings.model_validate(given | {"addressing": "path"} | settings)
