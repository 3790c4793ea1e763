"""The two routes that belong to no domain."""

import os
from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel

from common.entrypoint.authentication import PUBLIC
from common.entrypoint.http import http_app, http_handler

app = http_app()
ITSELF: OpenAPIResponse = {
    "description": "This document",
    "content": {"application/json": {"schema": {"type": "object", "examples": [{"openapi": "3.1.0", "paths": {}}]}}},
}


class Health(BaseModel):
    status: str = "ok"


@app.get("/health", security=PUBLIC)
def health() -> Health:
    return Health()


@app.get("/openapi.json", security=PUBLIC, responses={200: ITSELF})
def openapi() -> Response[str]:
    return Response(200, "application/json", _document(), {"Cache-Control": "public, max-age=300"})


@cache
def _document() -> str:
    """Generated when the function was packed, from the routes of all domains."""
    return Path(os.environ["LAMBDA_TASK_ROOT"], "system/openapi.json").read_text()


api = http_handler(app)
