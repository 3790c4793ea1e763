"""The document of the API is valid, and the platform does what it says, fed what that allows and what it forbids.

schemathesis makes the requests from the document and checks each answer against it: no 5xx, no status, header or body
that is not described, nothing accepted that it forbids. `COMMERCE_EXAMPLES` says how many per operation.
"""

import os
from io import BytesIO

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth

from local.http import Request

EXAMPLES = int(os.environ.get("COMMERCE_EXAMPLES", "6"))
NOT_FOR_THE_ONE_WHO_ASKS = {("DELETE", "/identity/me"), ("PUT", "/identity/users/{id}/roles")}  # it would end the run
# A rule that no schema can say (a SKU that is not sold, an old version) may refuse what the schema allows.
REFUSALS = ["2xx", "304", "400", "401", "403", "404", "409", "412", "413", "422", "429"]
CONFIG = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": REFUSALS}}})


@schemathesis.serializer("application/x-ndjson")
def as_it_is(context, value):
    return value.encode() if isinstance(value, str) else value


def modes(operation):
    """Of a text that is taken as it comes, a line at a time, nothing is forbidden."""
    is_text = any(body.media_type == "application/x-ndjson" for body in operation.body)
    return [GenerationMode.POSITIVE] if is_text else list(GenerationMode)


def wsgi(platform):
    """The platform as a WSGI application (PEP 3333), so that no socket is needed."""

    def app(environ, start_response):
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        headers = [
            (name[5:].replace("_", "-").lower(), value) for name, value in environ.items() if name.startswith("HTTP_")
        ]
        headers += [("content-type", environ["CONTENT_TYPE"])] if environ.get("CONTENT_TYPE") else []
        body = environ.get("wsgi.input", BytesIO()).read(int(environ.get("CONTENT_LENGTH") or 0))
        target = environ.get("REQUEST_URI") or environ["RAW_URI"]
        answer = platform.answer(
            Request(environ["REQUEST_METHOD"], target if "?" in target else target + query, headers, body)
        )
        start_response(f"{answer.status} -", list(answer.headers.items()))
        return [answer.body]

    return app


@pytest.fixture(scope="module")
def api_schema(platform, staff):
    return schemathesis.openapi.from_wsgi("/openapi.json", wsgi(platform), config=CONFIG)


def test_every_operation_is_what_the_document_says(api_schema, staff):
    wrong, token = [], {"Authorization": f"Bearer {staff.token}"}
    for found in api_schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) in NOT_FOR_THE_ONE_WHO_ASKS:
            continue

        @given(case=st.one_of(*(operation.as_strategy(mode, headers=token) for mode in modes(operation))))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        def ask(case):
            case.call_and_validate(excluded_checks=[ignored_auth])  # tokens have tests of their own

        try:
            ask()
        except (Exception, FailureGroup) as error:
            wrong.append(f"{operation.label}: {error}")
    assert not wrong, "\n\n".join(wrong)


def requests(document):
    """Each example of a JSON body, with where it is sent."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if body := operation.get("requestBody", {}).get("content", {}).get("application/json"):
                yield method.upper(), path, body


def test_no_example_of_a_request_is_refused_for_its_form(shop, staff):
    for method, path, body in requests(shop.client.get("/openapi.json").json()):
        if path != "/identity/mfa":
            answer = staff.ask(method, path.replace("{", "").replace("}", ""), body["example"], if_match='"0"')
            code = answer.json().get("code") if answer.content else None
            assert code not in ("malformed", "invalid_request"), (method, path, answer.text)
