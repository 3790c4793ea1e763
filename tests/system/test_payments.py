"""Money on bad days, over HTTP: refunds that race, a provider that is down, banks that change their mind."""

import json

import pytest

from local.shop import Shop, euro

ADMIN, ADA = "admin@commerce.example", "ada@customer.example"


@pytest.fixture(scope="module")
def shop(platform):
    shop = Shop(platform.client(), platform.webhook_secrets)
    shop.join(ADMIN, "Grace")
    shop.join(ADA)
    shop.stock(shop.sign_in(ADMIN), "mug", 1000)
    shop.settle()
    return shop


@pytest.fixture
def staff(shop):
    return shop.sign_in(ADMIN)


@pytest.fixture
def ada(shop):
    return shop.sign_in(ADA)


@pytest.fixture(autouse=True)
def promises(shop, platform):
    yield
    platform.seam.faults.clear()
    shop.settle()
    assert shop.promises_broken() == []


@pytest.fixture
def sold(shop, staff, ada):
    """An order that was paid and has left, and its payment."""

    def sold(quantity=2):
        order_id = ada.order("mug", quantity)["order_id"]
        shop.settle()
        shop.dispatch(staff, order_id)
        shop.settle()
        [payment] = staff.get(f"/payments?order_id={order_id}")["items"]
        assert payment["status"] == "captured"
        return order_id, payment

    return sold


def provider_calls(platform, since=0):
    return [call.operation for call in platform.seam.calls if call.service == "stripe" and call.index >= since]


def at_once(platform, staff, times):
    """Ask for what needs the provider, in several function instances at the same time."""
    headers = {"authorization": f"Bearer {staff.token}"}
    pending = [platform.start_request("GET", "/payments/reconciliation", headers) for _ in range(times)]
    return [each.result() for each in pending]


def refund_request(staff, key, cents):
    headers = {
        "authorization": f"Bearer {staff.token}",
        "content-type": "application/json",
        "idempotency-key": key,
    }
    return headers, json.dumps({"amount": euro(cents), "reason": "broken"}).encode()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_refunds_that_race_are_together_never_more_than_was_captured(seed, platform, shop, staff, sold):
    _, payment = sold()
    total, path = payment["captured"]["amount"], f"/payments/{payment['payment_id']}/refunds"
    part = total // 4
    pending = [platform.start_request("POST", path, *refund_request(staff, f"r-{seed}-{n}", part)) for n in range(10)]
    answers = [each.result() for each in pending]
    codes = [answer.status for answer in answers]
    assert sorted(codes) == [202] * 4 + [409] * 6, codes
    assert {json.loads(a.body)["code"] for a in answers if a.status == 409} == {"refund_exceeds_captured"}
    shop.settle()
    after = staff.get(f"/payments/{payment['payment_id']}")
    assert after["refunded"]["amount"] == 4 * part
    assert after["status"] == ("refunded" if 4 * part == total else "partially_refunded")


def test_one_refund_asked_for_fifty_times_at_once_is_one(platform, shop, staff, sold):
    order_id, payment = sold()
    path = f"/payments/{payment['payment_id']}/refunds"
    pending = [platform.start_request("POST", path, *refund_request(staff, "the-same", 100)) for _ in range(50)]
    answers = [each.result() for each in pending]
    assert {answer.status for answer in answers} <= {202, 409}
    assert len({answer.body for answer in answers if answer.status == 202}) == 1
    shop.settle()
    assert staff.get(f"/payments/{payment['payment_id']}")["refunded"] == euro(100)
    assert [done.amount for done in platform.stripe.effects(order_id) if done.kind == "refund"] == [100]


def test_a_refund_that_times_out_three_times_is_one_refund(platform, shop, staff, sold):
    order_id, payment = sold()
    platform.seam.faults.add("timeout_after", service="stripe", operation="refund", times=3)
    platform.seam.faults.add("timeout_before", service="stripe", operation="list_refunds", times=2)
    staff.post(f"/payments/{payment['payment_id']}/refunds", {"amount": euro(300), "reason": "broken"})
    shop.settle()
    [refund] = staff.get(f"/payments/{payment['payment_id']}/refunds")["items"]
    assert (refund["status"], refund["amount"]) == ("succeeded", euro(300))
    assert [done.amount for done in platform.stripe.effects(order_id) if done.kind == "refund"] == [300]


def test_refunds_are_listed_page_by_page(shop, staff, ada, sold):
    _, payment = sold()
    path = f"/payments/{payment['payment_id']}/refunds"
    asked = [staff.post(path, {"amount": euro(n), "reason": f"reason {n}"})["refund_id"] for n in (1, 2, 3)]
    shop.settle()
    first = staff.get(f"{path}?limit=2")
    rest = staff.get(f"{path}?limit=2&cursor={first['next_cursor']}")
    assert [each["refund_id"] for each in first["items"] + rest["items"]] == asked
    assert rest["next_cursor"] is None
    assert staff.ask("GET", f"/payments/ledger?cursor={first['next_cursor']}").status_code == 400
    assert staff.ask("GET", f"{path}?limit=0").status_code == 422


def test_a_refund_that_the_bank_declines_is_seen_and_asked_for_anew(platform, shop, staff, sold):
    _, payment = sold()
    path = f"/payments/{payment['payment_id']}/refunds"
    platform.stripe.fail("refund", "decline")
    staff.post(path, {"amount": euro(500), "reason": "broken"})
    shop.settle()
    assert [each["status"] for each in staff.get(path)["items"]] == ["failed"]
    staff.post(path, {"amount": euro(500), "reason": "broken"})
    shop.settle()
    assert [each["status"] for each in staff.get(path)["items"]] == ["failed", "succeeded"]
    assert staff.get(f"/payments/{payment['payment_id']}")["refunded"] == euro(500)


def test_what_was_refunded_by_hand_is_known_and_a_clean_day_is_reconciled(platform, shop, staff, sold):
    _, payment = sold()
    reference = platform.stripe.effects(payment["order_id"])[0].intent_id
    platform.stripe._refunds.create({"payment_intent": reference, "amount": "200"})
    shop.settle()
    assert staff.get(f"/payments/{payment['payment_id']}")["refunded"] == euro(200)
    today = shop.client.get("/_local/clock").json()["now"][:10]
    platform.advance(15 * 60)
    report = shop.sign_in(ADMIN).get(f"/payments/reconciliation?date={today}&fresh=true")
    assert report["differences"] == []
    assert report["compared"]["payments"] >= 1


def test_a_difference_is_found_by_night_and_kept(platform, shop, sold):
    order_id, _ = sold()
    intent = platform.stripe._account.intents[platform.stripe.effects(order_id)[0].intent_id]
    received, intent["amount_received"] = intent["amount_received"], intent["amount_received"] - 1
    day = shop.client.get("/_local/clock").json()["now"][:10]
    platform.advance(24 * 3600 + 4 * 3600)
    shop.settle()
    staff = shop.sign_in(ADMIN)
    report = staff.get(f"/payments/reconciliation?date={day}")
    kinds = {each["kind"] for each in report["differences"] if each["order_id"] == order_id}
    assert kinds == {"capture_differs", "void_missing_here"}
    assert report["made_at"][11:16] == "03:00"
    intent["amount_received"] = received
    assert staff.get(f"/payments/reconciliation?date={day}")["differences"] == report["differences"]
    fresh = staff.get(f"/payments/reconciliation?date={day}&fresh=true")
    assert [each for each in fresh["differences"] if each["order_id"] == order_id] == []
    assert shop.sign_in(ADA).ask("GET", "/payments/reconciliation").status_code == 403


@pytest.fixture
def in_two(shop, staff, ada):
    """An order in two parcels that have not left: two mugs in one, one in the other."""

    def in_two():
        order_id = ada.order("mug", 3)["order_id"]
        shop.settle()
        [whole] = staff.get(f"/shipments?order_id={order_id}")["items"]
        part = staff.post(f"/shipments/{whole['shipment_id']}/split", {"items": [{"sku": "mug", "quantity": 1}]})
        shop.settle()
        return order_id, whole["shipment_id"], part["shipment_id"]

    return in_two


def test_an_order_that_leaves_in_two_parcels_is_charged_for_each(platform, shop, staff, ada, in_two):
    order_id, first, second = in_two()
    platform.seam.faults.add("timeout_after", service="stripe", operation="capture", times=1)
    staff.post(f"/shipments/{second}/dispatch", {})
    shop.settle()
    [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
    total, share = payment["authorized"]["amount"], payment["captured"]["amount"]
    assert (payment["status"], 0 < share < total) == ("authorized", True)
    staff.post(f"/shipments/{first}/dispatch", {})
    shop.settle()
    [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
    assert (payment["status"], payment["captured"]["amount"]) == ("captured", total)
    captures = [done.amount for done in platform.stripe.effects(order_id) if done.kind == "capture"]
    assert captures == [share, total - share]


@pytest.mark.parametrize("slow", [0, 1])
def test_two_parcels_that_leave_at_once_are_both_paid_for(slow, platform, shop, staff, ada, in_two):
    order_id, *parcels = in_two()
    platform.seam.faults.add("delay", service="stripe", operation="capture", seconds=4.0 * slow)
    pending = []
    for number, shipment_id in enumerate(parcels):
        headers, _ = refund_request(staff, f"leave-{slow}-{number}", 1)
        pending.append(platform.start_request("POST", f"/shipments/{shipment_id}/dispatch", headers, b"{}"))
    assert {each.result().status for each in pending} == {200}
    shop.settle()
    platform.advance(600)  # what has to wait for the other one is driven on
    shop.settle()
    ada = shop.sign_in(ADA)
    [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
    assert (payment["status"], payment["captured"]) == ("captured", payment["authorized"])
    assert ada.get(f"/orders/{order_id}")["status"] == "shipped"


def test_an_order_whose_money_the_provider_lets_go_of_is_parked(platform, shop, ada):
    order_id = ada.order("mug")["order_id"]
    shop.settle()
    intent = platform.stripe._account.intents[platform.stripe.effects(order_id)[0].intent_id]
    platform.stripe._intents._cancel(intent, "automatic")  # seven days on, which are many sweeps to wait for
    shop.settle()
    order = ada.get(f"/orders/{order_id}")
    assert (order["status"], order["payment"]["status"]) == ("needs_attention", "voided")


def test_a_provider_that_is_down_is_left_alone_by_all_instances(platform, shop, staff, ada):
    """Promise 20, through the sagas and the API: many instances fail, and then nobody calls."""
    shop.settle()
    platform.seam.faults.add("error", service="stripe", times=1_000_000)
    mark = platform.seam.mark()
    placed = [ada.order("mug")["order_id"] for _ in range(12)]
    platform.advance(3)
    opened = len(provider_calls(platform, mark))
    assert 5 <= opened <= 17  # five open it; others may have been on their way by then
    more = platform.seam.mark()
    placed += [ada.order("mug")["order_id"] for _ in range(12)]
    before = platform.now()
    answer = staff.ask("GET", "/payments/reconciliation")
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_down")
    assert 0 < int(answer.headers["retry-after"]) <= 30
    assert platform.now() - before < 1
    platform.advance(15)
    assert provider_calls(platform, more) == []

    platform.advance(20)  # the cool-down is over
    trying = platform.seam.mark()
    assert [answer.status for answer in at_once(platform, staff, 6)] == [503] * 6
    assert len(provider_calls(platform, trying)) == 1

    platform.seam.faults.clear()
    platform.advance(31)
    assert sorted({answer.status for answer in at_once(platform, staff, 6)}) in ([200], [200, 503])
    assert [answer.status for answer in at_once(platform, staff, 3)] == [200] * 3
    platform.advance(600)
    shop.settle()
    ada = shop.sign_in(ADA)
    assert {ada.get(f"/orders/{order_id}")["status"] for order_id in placed} <= {"confirmed", "rejected"}
    order_id = ada.order("mug")["order_id"]
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "confirmed"


@pytest.mark.parametrize(("won", "left"), [(True, "won"), (False, "lost")])
def test_what_a_bank_wants_back_is_in_the_timeline_and_in_the_ledger(platform, shop, ada, sold, won, left):
    order_id, _ = sold()
    dispute = platform.stripe.open_dispute(platform.stripe.effects(order_id)[0].intent_id)
    shop.settle()
    platform.stripe.close_dispute(dispute, won=won)
    shop.settle()
    told = {entry["type"]: entry["data"] for entry in ada.get(f"/orders/{order_id}/timeline?limit=100")["items"]}
    assert {"DisputeOpened", "DisputeClosed"} <= told.keys()
    assert left in str(told["DisputeClosed"])
