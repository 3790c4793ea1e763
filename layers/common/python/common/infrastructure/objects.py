"""Objects of one bucket: files that are too large for a row or an event."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AT_ONCE = 64 * 1024  # bytes
START = 16  # bytes


class Glance(NamedTuple):
    size: int
    content_type: str
    start: bytes  # the first few


class Objects:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self.bucket = bucket
        self.missing = client.exceptions.NoSuchKey  # what reading raises when there is no such object

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type)

    def lines(self, key: str, offset: int = 0) -> Iterator[tuple[bytes, int]]:
        """Lines from `offset` on, each with the offset after it. They are streamed: stop when you have enough."""
        answer = self._client.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={offset}-")
        rest = b""
        for chunk in answer["Body"].iter_chunks(AT_ONCE):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                offset += len(line) + 1
                yield line, offset
        if rest:
            yield rest, offset + len(rest)

    def look(self, key: str) -> Glance | None:
        """At the beginning of an object, if it is there."""
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=key, Range=f"bytes=0-{START - 1}")
        except self.missing:
            return None
        size = int(answer.get("ContentRange", "/0").rpartition("/")[2])
        return Glance(size, answer["ContentType"], answer["Body"].read())

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self.bucket, Key=key)

    def upload_url(self, key: str, content_type: str, seconds: int) -> str:
        """Whoever has it may PUT this object, of this type."""
        parameters = {"Bucket": self.bucket, "Key": key, "ContentType": content_type}
        return self._client.generate_presigned_url("put_object", Params=parameters, ExpiresIn=seconds)

    def url(self, key: str) -> str:
        """Where it is read, if anyone may."""
        signed = self._client.generate_presigned_url("get_object", Params={"Bucket": self.bucket, "Key": key})
        return signed.partition("?")[0]
