"""Who did what."""

import pytest

from identity import handlers

AUDIT = "/identity/audit"
STAFF = {"caller": "cus_grace", "roles": "staff"}


@pytest.fixture
def tell(deliver, message):
    def tell(*said):
        assert deliver(handlers.consumer, *said) == []

    def staff_did(type, subject, data, *, role="staff", **how):
        return message("catalog", type, subject, data, **how) | {"actor_role": role}

    tell.staff_did = staff_did
    return tell


@pytest.fixture
def listed(call):
    def ask(**query):
        answer = call("GET", AUDIT, **STAFF, query=query)
        assert answer.status == 200, answer.text
        return answer.body["items"]

    return ask


def test_what_staff_did_is_listed_by_who_and_when_newest_first_and_once(tell, listed):
    did = [
        tell.staff_did("PriceChanged", "prd_1", {"sku": "mug", "price": {"amount": 1, "currency": "EUR"}}, sequence=n,
                       time=f"2024-05-0{n}T12:00:00Z", actor="cus_grace" if n % 2 else "cus_alan")
        for n in range(1, 6)
    ]  # fmt: skip
    tell(*did, did[0])
    tell(*reversed(did))
    assert [entry["event_id"] for entry in listed()] == [f"prd_1#{n}" for n in (5, 4, 3, 2, 1)]
    assert [entry["event_id"] for entry in listed(actor="cus_alan")] == ["prd_1#4", "prd_1#2"]
    assert [entry["event_id"] for entry in listed(**{"from": "2024-05-02", "to": "2024-05-03"})] == [
        "prd_1#3",
        "prd_1#2",
    ]
    exact = {"from": "2024-05-02T12:00:00Z", "to": "2024-05-02T14:00:00+02:00"}
    assert [entry["event_id"] for entry in listed(**exact)] == ["prd_1#2"]
    assert listed(actor="cus_alan", **{"from": "2024-05-05"}) == []
    assert listed(**{"from": "2024-05-05", "to": "2024-05-01"}) == []
    assert listed()[0] == {
        "event_id": "prd_1#5",
        "at": "2024-05-05T12:00:00Z",
        "actor": "cus_grace",
        "actor_role": "staff",
        "action": "PriceChanged",
        "domain": "catalog",
        "subject": "prd_1",
        "details": {"sku": "mug", "price": {"amount": 1, "currency": "EUR"}},
        "correlation_id": "r-1",
        "causation_id": "r-1",
    }


def test_what_customers_and_machines_did_is_not_kept(tell, listed):
    tell(
        tell.staff_did("OrderPlaced", "ord_1", {}, role="customer"),
        tell.staff_did("OrderConfirmed", "ord_1", {}, role=""),
    )
    assert listed() == []


def test_what_somebody_typed_is_not_repeated(tell, listed):
    said = {"customer_id": "cus_ada", "reason": "Ada Lovelace called", "address": {"box": "…"}, "roles": ["staff"]}
    tell(tell.staff_did("PaymentRefunded", "pay_1", said))
    assert listed()[0]["details"] == {"customer_id": "cus_ada", "roles": ["staff"]}


def test_pages_follow_each_other_and_a_cursor_is_good_for_its_query_and_caller_only(tell, call):
    tell(
        *(tell.staff_did("PriceChanged", "prd_1", {}, sequence=n, time=f"2024-05-0{n}T12:00:00Z") for n in range(1, 6))
    )
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = call("GET", AUDIT, **STAFF, query=query).body
        seen += [entry["event_id"] for entry in page["items"]]
        if cursor := page["next_cursor"]:
            kept = cursor
        else:
            break
    assert seen == [f"prd_1#{n}" for n in (5, 4, 3, 2, 1)]
    for who, query in (
        (STAFF, {"cursor": kept, "actor": "cus_ada"}),
        ({**STAFF, "caller": "cus_eve"}, {"cursor": kept}),
        (STAFF, {"cursor": kept[:-2] + "AA"}),
        (STAFF, {"cursor": "nonsense"}),
    ):
        assert call("GET", AUDIT, **who, query=query).status == 400


def test_it_is_for_staff(call):
    assert call("GET", AUDIT).status == 401
    assert call("GET", AUDIT, caller="cus_ada").status == 403
    assert call("GET", AUDIT, caller="cus_grace", roles="admin").status == 200


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"}, {"to": "0001-01-01"}, {"from": "2024-05-01T10:00:00"}, {"actor": "x" * 65},
        {"from": "9999-12-31T23:59:59-14:00"}, {"from": "0001-01-01T00:00:00+14:00"},
        {"limit": "0"}, {"limit": "101"}, {"limit": "x"},
    ],
)  # fmt: skip
def test_a_bad_question_is_refused(query, call):
    assert call("GET", AUDIT, **STAFF, query=query).status == 422


def test_the_end_of_a_question_may_be_far_away(call):
    assert call("GET", AUDIT, **STAFF, query={"from": "2000-01-01", "to": "2999-12-31"}).status == 200


def test_roles_that_an_admin_gives_are_said_to_be_their_doing(join, signed_in, call, dynamodb):
    join()
    ada = signed_in()["caller"]
    path = f"/identity/users/{ada}/roles"
    given = call(
        "PUT", "/identity/users/{id}/roles", path=path, caller="cus_grace", roles="admin", body={"roles": ["staff"]}
    )
    assert given.status == 200
    items = dynamodb.scan(TableName="commerce-identity-events")["Items"]
    [origin] = [item["origin"]["M"] for item in items if "RolesChanged" in str(item["events"])]
    assert (origin["actor"], origin["actor_role"]) == ({"S": "cus_grace"}, {"S": "admin"})
