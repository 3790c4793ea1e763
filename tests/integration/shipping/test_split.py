"""An order that leaves in parts."""

import json
from base64 import b64encode

import pytest

from common.domain.message import Origin
from shipping import bootstrap
from shipping.commands import SplitShipment
from shipping.decider import ShipmentAlreadyDispatched

NOW = "2024-05-01T00:00:00Z"
ORIGIN = {"actor": "cus_staff", "correlation_id": "r-2", "causation_id": "r-2"}

KEY = {"authorization": f"Basic {b64encode(b'sandbox:').decode()}"}


def ounces(answer):
    return json.loads(answer[2])["parcel"]["weight"]


def contents(shipments):
    return [[(item["sku"], item["quantity"]) for item in shipment["items"]] for shipment in shipments]


def test_a_part_leaves_a_shipment_and_goes_by_itself(confirm, split, listed, call):
    confirm()
    made = split()
    part = made.body["shipment_id"]
    assert (made.status, made.headers["Location"]) == (201, f"/shipments/{part}")
    assert (made.body["order_id"], made.body["status"]) == ("ord_1", "created")
    assert [shipment["shipment_id"] for shipment in listed()] == ["shp_1", part]
    assert contents(listed()) == [[("mug", 1)], [("mug", 1)]]
    assert call("GET", "/shipments/{id}", id=part).body == made.body


def test_a_split_sent_twice_is_one(confirm, split, listed, types):
    confirm()
    first, again = split(), split()
    assert (again.status, again.body, again.headers["Location"]) == (201, first.body, first.headers["Location"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (len(listed()), types()) == (2, ["ShipmentCreated", "ShipmentSplit"])
    other = split(items=[("mug", 2)])
    assert (other.status, other.body["code"], len(listed())) == (422, "idempotency_key_reused", 2)


def test_the_same_key_of_another_person_is_another_request(confirm, split, listed):
    confirm(items=[{"sku": "mug", "quantity": 3}])
    assert split().body["shipment_id"] != split(caller="cus_other_staff").body["shipment_id"]
    assert len(listed()) == 3


def test_a_part_can_be_split_again_down_to_single_things(confirm, split, listed):
    confirm(items=[{"sku": "mug", "quantity": 3}, {"sku": "pan", "quantity": 1}])
    part = split(items=[("mug", 2), ("pan", 1)]).body["shipment_id"]
    split(id=part, items=[("mug", 1)], key="s-2")
    assert contents(listed()) == [[("mug", 1)], [("mug", 1), ("pan", 1)], [("mug", 1)]]
    refused = split(key="s-3")
    assert (refused.status, refused.body["code"]) == (422, "nothing_left")


@pytest.mark.parametrize(
    ("how", "status", "code", "field"),
    [
        pytest.param({"key": None}, 400, "idempotency_key_required", None, id="no key"),
        pytest.param({"id": "shp_none"}, 404, "not_found", None, id="no such shipment"),
        pytest.param({"id": "shp_1_other"}, 404, "not_found", None, id="no such part"),
        pytest.param({"items": [("pan", 1)]}, 422, "not_in_shipment", "items.0.sku", id="not in it"),
        pytest.param(
            {"items": [("mug", 1), ("pan", 1)]}, 422, "not_in_shipment", "items.1.sku", id="one of two not in it"
        ),
        pytest.param({"items": [("mug", 3)]}, 422, "not_in_shipment", "items.0.quantity", id="more than is in it"),
        pytest.param({"items": [("mug", 2)]}, 422, "nothing_left", "items", id="all of it"),
        pytest.param({"items": []}, 422, "invalid_request", "items", id="nothing"),
        pytest.param({"items": [("mug", 1), ("mug", 1)]}, 422, "invalid_request", "items", id="a thing named twice"),
        pytest.param({"items": [("mug", 0)]}, 422, "invalid_request", "items.0.quantity", id="none of it"),
        pytest.param({"items": [("mug", -1)]}, 422, "invalid_request", "items.0.quantity", id="less than none of it"),
        pytest.param({"items": [("mug", True)]}, 422, "invalid_request", "items.0.quantity", id="no number"),
        pytest.param({"items": [("mug", 1.5)]}, 422, "invalid_request", "items.0.quantity", id="half a thing"),
        pytest.param({"items": [("m/g", 1)]}, 422, "invalid_request", "items.0.sku", id="no SKU"),
        pytest.param({"body": {}}, 422, "invalid_request", "items", id="no items"),
        pytest.param(
            {"body": {"items": [{"sku": "mug", "quantity": 1}], "shipment_id": "shp_mine"}},
            422,
            "invalid_request",
            "shipment_id",
            id="a field of the client's own",
        ),
        pytest.param({"body": '{"items": NaN}'}, 400, "malformed", None, id="no JSON"),
        pytest.param({"body": "[" * 100_000}, 400, "malformed", None, id="brackets without end"),
        pytest.param({"roles": "customer"}, 403, "forbidden", None, id="a customer"),
        pytest.param({"caller": None}, 401, "unauthenticated", None, id="a stranger"),
    ],
)
def test_a_false_split_is_refused(how, status, code, field, confirm, split, types):
    confirm()
    answer = split(**how)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert [error["field"] for error in answer.body.get("errors", [])] == ([field] if field else [])
    assert types() == ["ShipmentCreated"]


def test_a_refused_split_does_not_burn_its_key(confirm, split):
    confirm()
    assert split(items=[("pan", 1)]).status == 422
    assert split().status == 201


def test_what_has_left_or_is_about_to_is_not_split(confirm, split, dispatch, wire, types):
    confirm()
    wire.faults["buy_shipment"] = "lost_after"
    assert dispatch().status == 503
    for _ in range(2):
        refused = split()
        assert (refused.status, refused.body["code"]) == (409, "shipment_already_dispatched")
        assert dispatch().status == 200
    assert "ShipmentSplit" not in types()


def test_what_is_cancelled_is_not_split(confirm, split, cancel):
    confirm()
    cancel()
    refused = split()
    assert (refused.status, refused.body["code"]) == (409, "shipment_not_splittable")


def test_each_part_gets_its_own_label_and_is_tracked_by_itself(
    confirm, split, dispatch, listed, easypost, send, events
):
    confirm()
    part = split().body["shipment_id"]
    first, second = dispatch(part).body, dispatch("shp_1", key="k-2").body
    assert first["tracking_number"] != second["tracking_number"]
    assert {operation.reference for operation in easypost.log} == {"shp_1", part}
    easypost.advance(first["tracking_number"], "delivered")
    for webhook in easypost.due_webhooks():
        assert send(webhook).status == 200
    assert [shipment["status"] for shipment in listed()] == ["dispatched", "delivered"]
    left = [message.data for message in events() if message.type == "ShipmentDispatched"]
    assert [(each["shipment_id"], each["items"]) for each in left] == [
        (part, [{"sku": "mug", "quantity": 1}]),
        ("shp_1", [{"sku": "mug", "quantity": 1}]),
    ]


def test_all_parts_are_cancelled_together(confirm, split, cancel, listed, types):
    confirm()
    split()
    cancel()
    assert [shipment["status"] for shipment in listed()] == ["cancelled", "cancelled"]
    cancel()
    assert types().count("ShipmentCancelled") == 2


@pytest.mark.parametrize("which", [0, 1], ids=["the first", "the part"])
def test_no_part_is_cancelled_when_one_has_left_or_is_about_to(which, confirm, split, dispatch, cancel, listed, wire):
    confirm()
    split()
    leaving = listed()[which]["shipment_id"]
    wire.faults["buy_shipment"] = "lost_after"
    assert dispatch(leaving).status == 503
    with pytest.raises(ShipmentAlreadyDispatched):
        cancel()
    assert dispatch(leaving).status == 200
    with pytest.raises(ShipmentAlreadyDispatched):
        cancel()
    assert sorted(shipment["status"] for shipment in listed()) == ["created", "dispatched"]


def test_no_label_is_bought_for_what_was_split_in_the_meantime(confirm, dispatch, wire, labels, monkeypatch):
    confirm()
    rival = SplitShipment(shipment_id="shp_1", split_id="shp_1_a", items=[{"sku": "mug", "quantity": 1}], at=NOW)
    request, rivals = wire.request, [rival]

    def outrun(method, url, body, headers):
        answer = request(method, url, body, headers)
        if url.endswith("/v2/shipments") and rivals:
            bootstrap.shipments().handle("shp_1", rivals.pop(), Origin.model_validate(ORIGIN))
        return answer

    monkeypatch.setattr(wire, "request", outrun)
    refused = dispatch()
    assert (refused.status, refused.body["code"], labels()) == (409, "shipment_changed", [])
    assert dispatch().body["items"] == [{"sku": "mug", "quantity": 1}]
    assert (labels(), wire.calls.count("create_shipment")) == (["buy"], 2)


def test_the_parcel_is_as_heavy_as_what_is_in_it(confirm, split, dispatch, sell, easypost):
    sell("mug", attributes={"weight_grams": 2835})
    confirm(items=[{"sku": "mug", "quantity": 3}])
    part = split().body["shipment_id"]
    for number, shipment in enumerate((part, "shp_1")):
        assert dispatch(shipment, key=str(number)).status == 200
    bought = {
        done.reference: easypost.handle("GET", f"/v2/shipments/{done.shipment_id}", KEY, b"") for done in easypost.log
    }
    assert {reference: ounces(answer) for reference, answer in bought.items()} == {part: 100.0, "shp_1": 200.0}


def test_the_list_comes_in_pages_and_only_to_those_whose_it_is(confirm, split, call):
    confirm(items=[{"sku": "mug", "quantity": 5}])
    parts = ["shp_1", *(split(key=str(number)).body["shipment_id"] for number in range(3))]
    query = {"order_id": "ord_1", "limit": "3"}
    first = call("GET", "/shipments", query=query).body
    second = call("GET", "/shipments", query=query | {"cursor": first["next_cursor"]}).body
    assert [shipment["shipment_id"] for shipment in first["items"] + second["items"]] == parts
    assert (len(first["items"]), second["next_cursor"]) == (3, None)
    stolen = call("GET", "/shipments", query=query | {"cursor": first["next_cursor"]}, caller="cus_bob")
    assert (stolen.status, stolen.body["code"]) == (400, "invalid_cursor")
    assert call("GET", "/shipments", query=query, caller="cus_bob").body == {"items": [], "next_cursor": None}
    for limit in ("0", "101", "x"):
        assert call("GET", "/shipments", query=query | {"limit": limit}).status == 422
    foreign = call("GET", "/shipments/{id}", id=parts[1], caller="cus_bob")
    assert (foreign.status, foreign.body["code"]) == (404, "not_found")
