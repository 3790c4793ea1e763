"""EasyPost's own client library and our adapter, both pointed at the sandbox over HTTP: they ask the same, and read the
same from the answers."""

import json

import easypost as easypost_client
import pytest
from easypost.errors import InvalidRequestError, NotFoundError, SignatureVerificationError, UnauthorizedError
from easypost.util import validate_webhook

from common.infrastructure.resilience import ProviderApi
from shipping.easypost import EasyPost, LabelRefused, Sender, easypost_api
from shipping.events import Destination
from shipping.webhook import read, verify

EASYPOST_KEY, EASYPOST_SECRET = "EZTK1", "geheim"
SENDER = Sender(company="Shop", street1="Torstraße 1", city="Berlin", zip="10119", country="DE")
HOME = Destination(name="Ada", line1="Unter den Linden 1", city="Berlin", postal_code="10117", country="DE")
ASKED = {
    "from_address": SENDER.model_dump(),
    "to_address": {"name": "Ada", "street1": "Unter den Linden 1", "street2": None, "city": "Berlin"}
    | {"zip": "10117", "country": "DE"},
    "parcel": {"weight": 35.3},
    "options": {"label_format": "PDF"},
}


class Always:
    """A breaker that never opens."""

    def call(self, function, *args):
        return function(*args)


@pytest.fixture(scope="module")
def sandbox(served):
    return served.easypost


@pytest.fixture(scope="module")
def client(served):
    return easypost_client.EasyPostClient(EASYPOST_KEY, api_base=f"{served.url}/v2")


@pytest.fixture(scope="module")
def adapter(served):
    real = easypost_api(EASYPOST_KEY)
    return EasyPost(ProviderApi(served.url, real._headers), Always(), SENDER)


@pytest.fixture
def asked(sandbox, monkeypatch):
    """The requests that arrive: method, path, and body."""
    handle, requests = sandbox.handle, []

    def note(method, path, headers, body):
        requests.append((method, path.rstrip("?"), json.loads(body) if body else {}))
        return handle(method, path, headers, body)

    monkeypatch.setattr(sandbox, "handle", note)
    return requests


def test_a_shipment_is_created_bought_tracked_and_refunded(client, sandbox):
    shipment = client.shipment.create(**ASKED, reference="shp_lib")
    assert (shipment.object, shipment.mode, shipment.status) == ("Shipment", "test", "unknown")
    lowest = shipment.lowest_rate()
    assert (lowest.carrier, lowest.service, lowest.delivery_days) == ("DPD", "Classic", 3)
    assert client.shipment.retrieve("shp_lib").id == client.shipment.retrieve(shipment.id).id == shipment.id
    bought = client.shipment.buy(shipment.id, rate=lowest)
    assert (bought.selected_rate.id, bought.postage_label.label_file_type) == (lowest.id, "application/pdf")
    tracker = client.tracker.retrieve(bought.tracker.id)
    assert (tracker.tracking_code, tracker.status) == (bought.tracking_code, "pre_transit")
    assert client.shipment.refund(shipment.id).refund_status == "submitted"
    assert [operation.kind for operation in sandbox.effects("shp_lib")] == ["buy", "refund"]


def test_refusals_are_the_librarys_errors(client, served):
    shipment = client.shipment.create(**ASKED)
    with pytest.raises(InvalidRequestError) as refused:
        client.shipment.buy(shipment.id, rate={"id": "rate_none"})
    assert refused.value.code == "SHIPMENT.MISSING_RATE"
    client.shipment.buy(shipment.id, rate=shipment.lowest_rate())
    with pytest.raises(InvalidRequestError) as refused:
        client.shipment.buy(shipment.id, rate=shipment.lowest_rate())
    assert refused.value.code == "SHIPMENT.POSTAGE.EXISTS"
    with pytest.raises(NotFoundError):
        client.shipment.retrieve("shp_nowhere")
    stranger = easypost_client.EasyPostClient("false", api_base=f"{served.url}/v2")
    with pytest.raises(UnauthorizedError):
        stranger.shipment.retrieve(shipment.id)


def test_our_adapter_asks_what_the_library_asks(client, adapter, asked):
    offer = adapter.offer("shp_ours", HOME, "standard", 1000)
    label = adapter.buy(offer)
    ours = list(asked)
    asked.clear()
    with pytest.raises(NotFoundError):
        client.shipment.retrieve("shp_theirs")
    shipment = client.shipment.create(**ASKED, reference="shp_theirs")
    bought = client.shipment.buy(shipment.id, rate={"id": shipment.lowest_rate().id})
    named = json.dumps(asked).replace("shp_theirs", "shp_ours").replace(shipment.id, offer.provider_reference)
    named = named.replace(shipment.lowest_rate().id, offer.rate_id)
    assert json.loads(json.dumps(ours)) == json.loads(named)
    theirs = client.shipment.retrieve("shp_ours")
    assert (label.tracking_number, label.carrier) == (theirs.tracking_code, theirs.selected_rate.carrier)
    assert label.label_url == theirs.postage_label.label_url
    assert bought.selected_rate.carrier == label.carrier


def test_our_adapter_chooses_the_cheapest_as_the_library_does_or_the_fastest(client, adapter):
    for method, carrier in (("standard", "DPD"), ("express", "DHLExpress")):
        offer = adapter.offer(f"shp_{method}", HOME, method, 1000)
        assert (offer.carrier, client.shipment.retrieve(f"shp_{method}").id) == (carrier, offer.provider_reference)
    assert client.shipment.retrieve("shp_standard").lowest_rate().carrier == "DPD"


def test_a_label_that_the_library_bought_is_not_bought_again(client, adapter, sandbox):
    offer = adapter.offer("shp_bought", HOME, "standard", 1000)
    bought = client.shipment.buy(offer.provider_reference, rate={"id": offer.rate_id})
    assert adapter.buy(offer).tracking_number == bought.tracking_code
    assert len(sandbox.effects("shp_bought")) == 1


def test_what_no_carrier_takes_has_no_rates(client, adapter):
    with pytest.raises(LabelRefused):
        adapter.offer("shp_heavy", HOME, "standard", 10_000_000)
    assert client.shipment.retrieve("shp_heavy").rates == []


def test_a_delivery_passes_easyposts_own_check_and_ours(client, sandbox):
    shipment = client.shipment.create(**ASKED)
    code = client.shipment.buy(shipment.id, rate=shipment.lowest_rate()).tracking_code
    sandbox.advance(code, "out_for_delivery", "Berlin, DE")
    webhook = sandbox.due_webhooks()[-1]
    event = validate_webhook(webhook.body, webhook.headers, EASYPOST_SECRET)
    verify(EASYPOST_SECRET, webhook.body, webhook.headers["X-Hmac-Signature"])
    _, tracker = read(webhook.body)
    assert event["result"]["tracking_code"] == tracker.tracking_code == code
    assert [(news.status, news.location) for news in tracker.news()] == [("out_for_delivery", "Berlin, DE")]
    with pytest.raises(SignatureVerificationError):
        validate_webhook(webhook.body + b" ", webhook.headers, EASYPOST_SECRET)
