from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from sourcing_audit.sources.remote import readers
from tests.support.web import Web, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, SECRET = "AKIAEXAMPLEKEY", "this-is-the-secret"


@pytest.fixture(autouse=True)
def _near_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "WAIT", 0.001)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as one:
        yield one


@pytest.fixture(scope="session")
def store_server() -> Iterator[str]:
    """An S3 server on this machine."""
    server = pytest.importorskip("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    one = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    one.start()
    yield f"http://127.0.0.1:{one.get_host_and_port()[1]}"
    one.stop()


@pytest.fixture
def bucket(store_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket called `works`, reached as any user reaches his own."""
    pytest.importorskip("s3fs")
    for name, value in {
        "AWS_ENDPOINT_URL_S3": store_server,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    import boto3

    client = boto3.client("s3")
    client.create_bucket(Bucket="works")
    one = Bucket(client)
    yield one
    one.empty()
    client.delete_bucket(Bucket="works")
    client.close()


class Bucket:
    """The bucket `works`."""

    def __init__(self, client) -> None:
        self._client = client

    def put(self, key: str, content: bytes, *, public: bool = False) -> None:
        acl = "public-read" if public else "private"
        self._client.put_object(Bucket="works", Key=key, Body=content, ACL=acl)

    def empty(self) -> None:
        for entry in self._client.list_objects_v2(Bucket="works").get("Contents", []):
            self._client.delete_object(Bucket="works", Key=entry["Key"])
