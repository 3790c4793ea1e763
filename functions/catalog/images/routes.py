"""Pictures over HTTP, for staff: asked for, uploaded to S3, and shown once they have been looked at."""

from http import HTTPStatus
from typing import Annotated, Literal
from uuid import uuid4

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict

from catalog.bootstrap import images, products
from catalog.images.images import ENDINGS
from catalog.product.commands import AddImage
from catalog.product.decider import ProductIsArchived
from catalog.product.events import Product
from common.domain.errors import NotFound
from common.entrypoint.authentication import STAFF, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.versions import etag

routes = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

ProductId = Annotated[str, Path(max_length=64)]
ImageId = Annotated[str, Path(pattern=r"^img_[0-9a-f]{32}\.(png|jpg|webp)$")]


class ImageRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    content_type: Literal["image/png", "image/jpeg", "image/webp"]


class ImageUpload(BaseModel):
    """PUT the picture to `upload_url` with its Content-Type within 15 minutes, then confirm it by its id."""

    image_id: str
    upload_url: str
    image_url: str


@routes.post("/catalog/products/<product_id>/images", status_code=HTTPStatus.CREATED, security=STAFF)
def post_image(product_id: ProductId, body: ImageRequest) -> Response[ImageUpload]:
    """A place for a picture. Nothing has changed until it is uploaded and confirmed."""
    family = products().family(product_id)
    if family is None:
        raise NotFound("There is no such product.")
    if family.product.status == "archived":
        raise ProductIsArchived("An archived product cannot be changed.")
    image_id = f"img_{uuid4().hex}.{ENDINGS[body.content_type]}"
    upload = ImageUpload(
        image_id=image_id,
        upload_url=images().upload_url(product_id, image_id),
        image_url=images().image_url(product_id, image_id),
    )
    return Response(HTTPStatus.CREATED, "application/json", upload)


@routes.put("/catalog/products/<product_id>/images/<image_id>", security=STAFF)
def confirm_image(product_id: ProductId, image_id: ImageId, caller: SignedIn, at: ReceivedAt) -> Response[Product]:
    """It is uploaded: look at it, and show it with the product. No If-Match: pictures come beside one another."""
    if products().family(product_id) is None:
        raise NotFound("There is no such product.")
    images().check(product_id, image_id)
    command = AddImage(product_id=product_id, image=images().image_url(product_id, image_id), at=at)
    state, _, version = products().handle(command, caller.origin)
    assert state, "it was found"
    return Response(HTTPStatus.OK, "application/json", state.product, {"ETag": etag(version)})
