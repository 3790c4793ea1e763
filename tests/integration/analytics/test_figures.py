"""Events in from the queue, figures out over HTTP."""

from itertools import count, pairwise
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import bootstrap, handlers
from analytics.daybooks import SHARDS, Daybooks

JANUARY = {"from_": "2026-01-01", "to": "2026-01-31"}
TABLE = "commerce-analytics-state"


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


def test_a_sale_is_seen_by_hour_day_and_month(tell, sale, refund, ask):
    assert tell(sale(), refund()) == []
    one_day, other_day = {"orders": 1, "units": 2, "gross": 1990, "revenue": 1990}, {"refunded": 500, "revenue": -500}

    def seen(granularity):
        bare = [
            {name: value["amount"] if isinstance(value, dict) else value for name, value in item.items()}
            for item in ask("sales", **JANUARY, granularity=granularity).body["items"]
        ]
        return [{name: value for name, value in item.items() if value} for item in bare]

    assert seen("hour") == [{"bucket": "2026-01-05T09", **one_day}, {"bucket": "2026-01-06T11", **other_day}]
    assert seen("day") == [{"bucket": "2026-01-05", **one_day}, {"bucket": "2026-01-06", **other_day}]
    assert seen("month") == [{"bucket": "2026-01", **one_day, "refunded": 500, "revenue": 1490}]
    assert ask("sales", **JANUARY, currency="USD").body["items"] == []
    assert ask("sales", from_="2026-01-06", to="2026-01-06").body["items"][0]["bucket"] == "2026-01-06"


def test_the_overview_sums_up_per_currency_and_averages_what_is_left(tell, sale, refund, ask):
    tell(sale("ord_1"), sale("ord_2", quantity=1), refund())
    assert ask("overview", **JANUARY).body == {
        "first_day": "2026-01-01",
        "last_day": "2026-01-31",
        "orders": {
            "placed": 0,
            "confirmed": 2,
            "shipped": 0,
            "delivered": 0,
            "cancelled": 0,
            "returned": 0,
            "rejected": {},
        },
        "sales": [
            {
                "gross": euro(3230),
                "cancelled": euro(0),
                "refunded": euro(500),
                "revenue": euro(2730),
                "orders": 2,
                "units": 3,
                "average_order": euro(1365),
            }
        ],
        "customers": {"new": 1, "returning": 0},
    }


def test_a_cancelled_sale_leaves_no_order_no_units_and_no_revenue(tell, sale, step, ask):
    sold = sale()
    tell(sold, step("OrderCancelled", items=sold["data"]["items"], total=sold["data"]["total"]))
    [day] = ask("sales", **JANUARY).body["items"]
    assert (day["orders"], day["units"], day["revenue"], day["cancelled"]) == (0, 0, euro(0), euro(1990))
    assert ask("products/top", **JANUARY).body["items"] == []
    assert ask("overview", **JANUARY).body["sales"][0]["average_order"] == euro(0)


def test_the_funnel_tells_how_far_orders_came_and_why_they_did_not(tell, sale, step, ask):
    tell(
        *(step("OrderPlaced", f"ord_{n}", sequence=1) for n in range(4)),
        sale("ord_0"),
        step("OrderShipped", "ord_0"),
        step("OrderDelivered", "ord_0", sequence=4),
        step("OrderRejected", "ord_1", sequence=2, reason="out_of_stock"),
        step("OrderRejected", "ord_2", sequence=2, reason="payment_declined"),
        step("OrderRejected", "ord_3", sequence=2, reason="payment_declined"),
    )
    assert ask("funnel", **JANUARY).body == {
        "placed": 4,
        "confirmed": 1,
        "shipped": 1,
        "delivered": 1,
        "cancelled": 0,
        "returned": 0,
        "rejected": {"out_of_stock": 1, "payment_declined": 2},
    }


def test_products_are_ranked_by_revenue_or_units_and_called_what_they_are_called_now(tell, sale, message, ask):
    product = {"product_id": "prd_1", "sku": "mug", "name": "Blue mug"}
    tell(
        sale("ord_1", sku="mug", quantity=3),
        sale("ord_2", sku="cup", quantity=1),
        sale("ord_3", sku="cup", quantity=4),
        message("catalog", "ProductChanged", "prd_1", {"product": product}, sequence=3),
    )
    tell(message("catalog", "ProductCreated", "prd_1", {"product": {**product, "name": "Mug"}}, sequence=1))
    assert ask("products/top", **JANUARY).body == {
        "items": [
            {"sku": "cup", "name": "cup", "units": 5, "revenue": euro(3750)},
            {"sku": "mug", "name": "Blue mug", "units": 3, "revenue": euro(2250)},
        ],
        "next_cursor": None,
    }
    assert [one["sku"] for one in ask("products/top", **JANUARY, by="units", limit="1").body["items"]] == ["cup"]


def test_a_customer_is_new_once_and_returning_ever_after(tell, sale, ask):
    def customers(first, last):
        return ask("overview", from_=first, to=last).body["customers"]

    tell(sale("ord_1", customer="cus_ada", time="2026-01-05T09:00:00Z"))
    tell(sale("ord_2", customer="cus_ada", time="2026-01-20T09:00:00Z"))
    tell(sale("ord_3", customer="cus_bob", time="2026-01-20T10:00:00Z"))
    tell(*(sale(f"ord_x{n}", customer="cus_eve", time="2026-02-20T10:00:00Z") for n in range(20)))
    assert customers("2026-01-01", "2026-01-10") == {"new": 1, "returning": 0}
    assert customers("2026-01-15", "2026-01-31") == {"new": 1, "returning": 1}
    assert customers("2026-01-01", "2026-02-28") == {"new": 3, "returning": 0}
    tell(sale("ord_0", customer="cus_bob", time="2026-01-02T09:00:00Z"))  # it was late
    assert customers("2026-01-15", "2026-01-31") == {"new": 0, "returning": 2}
    assert customers("2026-01-01", "2026-01-10") == {"new": 2, "returning": 0}


def test_an_event_told_again_in_another_batch_and_by_another_consumer_counts_once(tell, sale, ask):
    tell(sale("ord_1"), sale("ord_1"), sale("ord_2"))
    tell(sale("ord_2"), sale("ord_3"))
    bootstrap.daybooks.cache_clear()  # another execution environment
    tell(sale("ord_3"), sale("ord_1"), sale("ord_4"))
    assert ask("sales", **JANUARY).body["items"][0]["orders"] == 4


def test_two_consumers_that_meet_in_a_daybook_count_each_event_once(tell, sale, ask):
    one, other = [], []
    for known, orders in ((one, ("a", "b")), (other, ("b", "c")), (one, ("c", "d")), (other, ("d", "a", "e"))):
        bootstrap.daybooks.cache_clear()
        if known:
            bootstrap.daybooks()._seen = known[0]  # what this one has seen, and it did not see the other's
        assert tell(*(sale(f"ord_{order}") for order in orders)) == []
        known[:] = [bootstrap.daybooks()._seen]
    assert ask("sales", **JANUARY).body["items"][0]["orders"] == 5


MEETINGS = {  # who is outrun: what it knows, what it hears, which of its looks is too old when it writes
    "opens": ([], "2026-01-05", 1),
    "goes on": (["2026-01-05"], "2026-01-05", 1),
    "closes": (["2026-01-05"], "2026-01-09", 2),
}


@pytest.mark.parametrize("case", MEETINGS)
def test_of_two_who_write_a_daybook_at_once_one_is_outrun_and_reads_on(case, tell, sale, ask, meanwhile):
    known, day, looks = MEETINGS[case]
    orders = (name for name in map("ord_{}".format, count()) if crc32(name.encode()) % SHARDS == 0)

    def rival():
        bootstrap.daybooks.cache_clear()  # another execution environment
        tell(sale(next(orders), time="2026-01-05T12:00:00Z"))

    for before in known:
        tell(sale(next(orders), time=f"{before}T09:00:00Z"))
    meanwhile(Daybooks, "_book", rival, calls=looks)
    assert tell(sale(next(orders), time=f"{day}T10:00:00Z")) == []
    assert sum(one["orders"] for one in ask("sales", **JANUARY).body["items"]) == len(known) + 2


def test_what_cannot_be_understood_fails_alone(tell, sale, step, ask):
    assert tell(sale("ord_1"), step("OrderRejected"), "nonsense", sale("ord_2")) == [1, 2]
    assert ask("sales", **JANUARY).body["items"][0]["orders"] == 2


@pytest.mark.parametrize("fails_at", range(6))
def test_a_batch_of_which_a_part_was_counted_is_counted_whole_when_it_comes_again(
    fails_at, tell, sale, ask, monkeypatch
):
    batch = [sale(f"ord_{n}", time=f"2026-01-0{1 + n % 2}T09:00:00Z") for n in range(12)]
    table, done = bootstrap.rows(), []
    commit = table.commit

    def failing(writes):
        done.append(1)
        if len(done) == fails_at + 1:
            raise ConnectionError
        commit(writes)

    monkeypatch.setattr(table, "commit", failing)
    with pytest.raises(ConnectionError):
        tell(*batch)
    assert tell(*batch) == []
    assert [day["orders"] for day in ask("sales", **JANUARY).body["items"]] == [6, 6]


def test_a_put_whose_answer_was_lost_counts_once(tell, sale, ask, monkeypatch):
    tell(sale("ord_1"))
    table = bootstrap.rows()
    put, lost = table.put, []

    def put_twice(row, condition="", /, **values):
        """As the SDK does it when the first answer does not come."""
        if not lost and put(row, condition, **values):
            lost.append(row)
        return put(row, condition, **values)

    monkeypatch.setattr(table, "put", put_twice)
    assert tell(*(sale("ord_1", sequence=n) for n in range(3, 6))) == []
    assert lost
    assert ask("sales", **JANUARY).body["items"][0]["orders"] == 4


def test_days_are_closed_when_later_ones_begin_and_late_events_still_count(tell, sale, ask, dynamodb, everything):
    def still_open():
        found = dynamodb.scan(TableName=TABLE)["Items"]
        return {row["sk"]["S"][:10] for row in found if row["pk"]["S"] == "first#open"}

    days = [f"2026-01-{day:02}" for day in (1, 2, 3, 4, 8)]
    for number, day in enumerate(days):
        tell(*(sale(f"ord_{number}_{n}", time=f"{day}T09:00:00Z") for n in range(20)))
    assert still_open() == {"2026-01-08"}
    seen = {item["bucket"]: item["orders"] for item in ask("sales", **JANUARY).body["items"]}
    assert seen == dict.fromkeys(days, 20)
    tell(*(sale(f"ord_0_{n}", time="2026-01-01T09:00:00Z") for n in range(22)))  # 20 of them for the second time
    assert "2026-01-01" in still_open()
    assert ask("sales", **JANUARY).body["items"][0]["orders"] == 22
    before = everything()
    tell(*(sale(f"ord_9_{n}", time="2026-01-11T09:00:00Z") for n in range(20)))
    assert still_open() == {"2026-01-11"}
    bootstrap.daybooks.cache_clear()
    tell(*(sale(f"ord_0_{n}", time="2026-01-01T09:00:00Z") for n in range(22)))
    assert ask("sales", from_="2026-01-01", to="2026-01-10").body["items"][0]["orders"] == 22
    assert before[2]["items"] == everything()[2]["items"][:-1]


def test_many_small_batches_are_read_from_a_digest(tell, sale, ask, dynamodb):
    for number in range(100):
        tell(sale("ord_1", sequence=number + 1))
    assert ask("sales", **JANUARY).body["items"][0]["orders"] == 100
    digests = [row for row in dynamodb.scan(TableName=TABLE)["Items"] if row["pk"]["S"] == "first#digest"]
    assert [row["version"]["N"] for row in digests] == ["96"]


def test_figures_too_large_for_a_digest_are_summed_up_by_the_reader(tell, sale, ask, monkeypatch):
    monkeypatch.setattr("analytics.daybooks.LARGEST_DIGEST", 10)
    for number in range(40):
        tell(sale("ord_1", sequence=number + 1))
    tell(*(sale(f"ord_{n}", time="2026-01-20T09:00:00Z") for n in range(20)))
    assert [day["orders"] for day in ask("sales", **JANUARY).body["items"]] == [40, 20]


def story(sale, refund, step):
    """Events over some days, of some orders and customers."""
    for number in range(6):
        time, order = f"2026-01-0{1 + number}T0{number}:00:00Z", f"ord_{number}"
        sold = sale(order, customer=f"cus_{number % 3}", sku=("mug", "cup")[number % 2], time=time)
        yield step("OrderPlaced", order, sequence=1, time=time)
        yield sold
        yield step("OrderShipped", order, sequence=3, time=f"2026-01-1{number}T12:00:00Z")
        if number == 4:
            yield step("OrderCancelled", order, sequence=4, **{k: sold["data"][k] for k in ("items", "total")})
        yield refund(f"ref_{number}x", 10 + number, time=f"2026-01-1{number}T13:00:00Z", sequence=10 + number)
    yield step("OrderRejected", "ord_9", sequence=2, reason="out_of_stock", time="2025-12-31T23:59:59Z")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_shuffled_repeated_and_batched_otherwise_events_give_the_same_figures(
    data, tell, sale, refund, step, everything, dynamodb
):
    def forget():
        for row in dynamodb.scan(TableName=TABLE)["Items"]:
            dynamodb.delete_item(TableName=TABLE, Key={name: row[name] for name in ("pk", "sk")})
        bootstrap.daybooks.cache_clear()

    events = list(story(sale, refund, step))
    forget()
    tell(*events)
    wanted = everything()
    forget()
    told = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=20))]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(told) - 1), max_size=8)))
    for start, end in pairwise([0, *cuts, len(told)]):
        if data.draw(st.booleans()):
            bootstrap.daybooks.cache_clear()
        assert tell(*told[start:end]) == []
    assert everything() == wanted


ROUTES = ("overview", "sales", "products/top", "funnel")


def test_only_staff_may_read(ask):
    for route in ROUTES:
        assert ask(route, roles="").status == 403
        assert ask(route, caller=None).status == 401
        assert ask(route, roles="admin").status == 200


WRONG_PERIODS = [
    ({"from_": "2026-02-01", "to": "2026-01-31"}, "from"),
    ({"from_": "2024-01-01", "to": "2026-01-31"}, "from"),
    ({"from_": "yesterday"}, "from"),
    ({"from_": ""}, "from"),
    ({"from_": "2026-13-01"}, "from"),
    ({"to": "0001-01-01"}, "to"),
    ({"to": "9999-12-31"}, "to"),
    ({"to": "2026-01-31T25:00"}, "to"),
    ({"from_": "0001-01-01T00:00:00+14:00"}, "from"),
    ({"to": "9999-12-31T23:00:00-12:00"}, "to"),
]
WRONG = [
    *((route, query, field) for route in ROUTES for query, field in WRONG_PERIODS),
    ("sales", {"granularity": "minute"}, "granularity"),
    ("sales", {"currency": "eur"}, "currency"),
    ("sales", {"currency": "XXX"}, "currency"),
    ("sales", {"from_": "2026-01-01", "to": "2026-03-01", "granularity": "hour"}, "from"),
    ("products/top", {"by": "colour"}, "by"),
    ("products/top", {"limit": "0"}, "limit"),
    ("products/top", {"limit": "101"}, "limit"),
    ("products/top", {"currency": "XXX"}, "currency"),
]


def test_what_is_asked_wrongly_is_refused_by_its_field(ask):
    for route, query, field in WRONG:
        answer = ask(route, **query)
        refused = [one["field"] for one in answer.body.get("errors", [])]
        assert (answer.status, refused) == (422, [field]), (route, query, answer.text)


def test_a_time_stands_for_its_day(tell, sale, ask):
    tell(sale())
    assert ask("funnel", from_="2026-01-05T23:00:00Z", to="2026-01-06T01:30:00+02:00").body["confirmed"] == 1


def test_without_a_period_the_last_thirty_days_are_meant(tell, sale, http):
    tell(sale(time="2024-04-25T00:00:00Z"))
    answer = http(handlers.api, "GET", "/analytics/overview", caller="cus_grace", roles="staff").body
    assert (answer["first_day"], answer["last_day"]) == ("2024-04-01", "2024-05-01")
    assert answer["orders"]["confirmed"] == 1
