"""Every body in the API's document, of requests, answers and refusals, has an example that its schema allows."""

import json

import pytest
from jsonschema_rs import validator_for

from catalog.imports.lines import parse
from local.cli.routes import document as made


@pytest.fixture(scope="module")
def document():
    return made()


def bodies(document):
    """Whose it is, what kind, and the media type's entry in the document."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            label = f"{method.upper()} {path}"
            yield from of(label, "request", operation.get("requestBody", {}))
            for status, answer in operation["responses"].items():
                yield from of(label, status, resolved(document, answer))


def of(label, part, content):
    for kind, body in content.get("content", {}).items():
        yield label, part, kind, body


def resolved(document, answer):
    return document["components"]["responses"][answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer


def test_every_body_has_an_example_that_is_one(document):
    wrong, schemas = {}, {"components": document["components"]}
    for label, part, kind, body in bodies(document):
        if "example" not in body:
            wrong[label, part, kind] = "has none"
        elif found := [error.message for error in validator_for(body["schema"] | schemas).iter_errors(body["example"])]:
            wrong[label, part, kind] = found
    assert not wrong


def test_what_changes_something_says_what_it_takes(document):
    """A body, unless the path says it all."""
    without = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in ("post", "put", "patch") and "requestBody" not in operation
    }
    assert without == {
        "POST /identity/mfa",
        "POST /notifications/unsubscribe",  # a form by RFC 8058, which is not read: the token says it all
        "PUT /catalog/products/{product_id}/images/{image_id}",
    }


def test_a_line_of_an_import_is_shown_as_it_would_be_taken(document):
    content = document["paths"]["/catalog/imports"]["post"]["requestBody"]["content"]
    lines = content["application/x-ndjson"]["example"].splitlines()
    assert [parse(line.encode()).sku for line in lines] == [json.loads(line)["sku"] for line in lines] != []
