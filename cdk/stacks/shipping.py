"""Shipping: hears what is sold and what is ordered; dispatched and tracked over HTTP; cancelled by a saga; its
sweeper asks the carrier for what it did not answer."""

import json

from aws_cdk import Duration, Stack
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.patterns.secret import GeneratedSecret
from cdk.patterns.table import table
from cdk.stacks.platform import PlatformStack

HEARS = {
    "catalog": ["ProductCreated", "ProductChanged", "PriceChanged", "ProductArchived"],
    "order": ["OrderConfirmed"],
}
SENDER = {
    "company": "Commerce",
    "street1": "Lagerstrasse 1",
    "city": "Berlin",
    "zip": "10115",
    "country": "DE",
    "phone": "+49 30 5550100",
}


class ShippingStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        shipping = Domain(self, "shipping", platform=platform)
        easypost = GeneratedSecret(
            self,
            "EasyPost",
            "commerce/easypost",
            generated="webhook_secret",
            template=json.dumps({"api_key": "sandbox"}),
            description="api_key: put the account's own here. webhook_secret: set it for the webhook at EasyPost.",
        )
        carrier = {"EASYPOST_SECRET": easypost.secret_name, "SENDER": json.dumps(SENDER)}
        api = shipping.function(
            "api",
            append=True,
            state=("GetItem", "BatchGetItem", "PutItem", "UpdateItem"),  # UpdateItem is for the circuit breaker
            environment={
                **carrier,
                "CURSOR_SECRET": platform.cursor_key.secret_name,
                "SHIPPING_RATES": table("shipping_rates"),
            },
            timeout=Duration.seconds(29),  # three calls to the provider, within the gateway's half a minute
        )
        sweeper = shipping.function(
            "sweeper",
            append=True,
            state=("Query", "DeleteItem", "PutItem", "GetItem", "UpdateItem"),
            environment=carrier,
            timeout=Duration.minutes(1),
        )
        for function in (api, sweeper):
            easypost.let(function)
        platform.person_keys.used_by(api, "open")
        platform.cursor_key.let(api)
        shipping.sweeps(sweeper, Duration.minutes(1))
        shipping.consumes(HEARS, shipping.function("consumer", append=True, state=("PutItem",)))
        self.tasks = shipping.function("tasks", append=True)
        self.routes = [
            Routes(
                api,
                public=["POST /shipping/quotes", "POST /shipping/webhooks/easypost"],
                signed_in=[
                    "GET /shipments",
                    "GET /shipments/{id}",
                    "POST /shipments/{id}/dispatch",
                    "POST /shipments/{id}/split",
                ],
            )
        ]
