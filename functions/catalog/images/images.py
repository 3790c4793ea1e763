"""The bucket of pictures. Anyone may read one who knows its address; to write one takes a link that we have signed."""

from typing import Final

from common.domain.errors import Conflict, Invalid
from common.infrastructure.objects import Objects

SIGNED_FOR: Final = 900  # seconds
LARGEST: Final = 5 * 1024 * 1024  # bytes
ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
TYPES: Final = {ending: content_type for content_type, ending in ENDINGS.items()}


class ImageMissing(Conflict): ...


class ImageRefused(Invalid): ...


class Images:
    """`image_id` ends as its type does, as in `img_1f.png`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def upload_url(self, product_id: str, image_id: str) -> str:
        """For a PUT with the Content-Type that was asked for; S3 refuses another one."""
        return self._objects.upload_url(_key(product_id, image_id), _type(image_id), SIGNED_FOR)

    def image_url(self, product_id: str, image_id: str) -> str:
        return self._objects.url(_key(product_id, image_id))

    def check(self, product_id: str, image_id: str) -> None:
        """Raise ImageMissing, or ImageRefused for what is no such picture or too large, which is then deleted.

        A signed link cannot limit the size of what is sent to it: this is where it is limited.
        """
        key = _key(product_id, image_id)
        found = self._objects.look(key)
        if found is None:
            raise ImageMissing("It has not been uploaded yet.")
        right = found.content_type == _type(image_id) and _begins_as(found.content_type, found.start)
        if not right or found.size > LARGEST:
            self._objects.delete(key)
            raise ImageRefused(f"An image is what it was announced as, and has at most {LARGEST} bytes.")


def _key(product_id: str, image_id: str) -> str:
    return f"products/{product_id}/{image_id}"


def _type(image_id: str) -> str:
    return TYPES[image_id.rpartition(".")[2]]


def _begins_as(content_type: str, start: bytes) -> bool:
    """By the formats' own signatures: PNG (5.2), JPEG (SOI and a marker), WebP in its RIFF container."""
    match content_type:
        case "image/png":
            return start.startswith(b"\x89PNG\r\n\x1a\n")
        case "image/jpeg":
            return start.startswith(b"\xff\xd8\xff")
        case _:
            return start[:4] == b"RIFF" and start[8:12] == b"WEBP"
