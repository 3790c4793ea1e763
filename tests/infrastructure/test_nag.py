"""cdk-nag's AwsSolutions rules over the whole app. What we do otherwise has its reason here, and is still done."""

import json
import re
from typing import NamedTuple

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from cdk.app import build
from local.cli.node import node


class Accepted(NamedTuple):
    rule: str  # all of its name, as a pattern
    where: str  # the construct's path begins so, as a pattern
    reason: str


ACCEPTED = (
    Accepted("APIG4", "Api/", "Routes that the routers declare public; test_routes compares the two."),
    Accepted(r"IAM5\[Resource::\*\]", "", "X-Ray and the delivery of logs name no resource."),
    Accepted(r"IAM5\[Resource::<.*Arn>/index/\*\]", "", "The table's own indexes: both are read."),
    Accepted(r"IAM5\[Resource::.*:key/\*\]", "Identity/", "A key is moved by its alias, which a condition demands."),
    Accepted(r"IAM5\[Resource::<.*\.Arn>/(\*|products/\*|events/\*)\]", "(Catalog|Analytics)/", "Objects in a bucket."),
    Accepted(r"IAM5\[Resource::.*Arn\w+:\*\]", "Sagas/", "The versions of the functions that are its steps."),
    Accepted("L1", "", "3.13 is what the layer is built for; the next one comes by a change of both."),
    Accepted(
        "S1", "(Catalog|Analytics)/", "Nobody but our functions reaches them; who did what is in the audit trail."
    ),
    Accepted("S2", "Catalog/Images/", "Pictures of products are shown to anyone who knows their address."),
    Accepted("SF1", "Sagas/", "What fails is logged. All steps of all orders would cost more than the orders."),
    Accepted(
        "SMG4", "Platform/CursorKey/", "A new one would void the cursors that clients hold; it opens nothing else."
    ),
    Accepted("SMG4", "Platform/MailSealKey/", "A new one would void links in old mails, and forget stopped addresses."),
    Accepted("SMG4", "(Payment/StripeKeys|Shipping/EasyPost)/", "The provider issues them: docs/runbooks/deploy.md."),
    Accepted(
        "SQS3", "Sagas/.*/NotStarted/", "It is itself where a rule's dead letters go, which cdk-nag does not see."
    ),
)


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """(rule, path of the construct)"""
    out = tmp_path_factory.mktemp("assembly")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JSII_NODE", str(node()))
        app = build(App(outdir=str(out)))
        Validations.of(app).add_plugins(AwsSolutionsChecks())
        with pytest.raises(RuntimeError, match=r"^ValidationFailed"):
            app.synth()
    [report] = json.loads((out / "validation-report.json").read_text())["pluginReports"]
    return [
        (violation["ruleName"].removeprefix("AwsSolutions-"), construct["constructPath"])
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
    ]


def accepts(entry, finding):
    rule, path = finding
    return re.fullmatch(entry.rule, rule) and re.match(entry.where, path)


def test_every_finding_is_mended_or_has_a_reason(findings):
    assert findings
    assert [one for one in findings if not any(accepts(entry, one) for entry in ACCEPTED)] == []


def test_no_reason_has_outlived_what_it_was_for(findings):
    assert [entry for entry in ACCEPTED if not any(accepts(entry, one) for one in findings)] == []
