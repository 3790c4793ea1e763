"""What sending costs, as anyone may ask."""

import pytest

ADDRESS = {"name": "Ada", "line1": "1 Loop", "line2": None, "city": "Berlin", "postal_code": "10115", "country": "DE"}


@pytest.fixture
def quote(call):
    def quote(*items, country="DE", **changes):
        asked = [{"sku": sku, "quantity": quantity} for sku, quantity in items or [("mug", 1)]]
        body = {"address": ADDRESS | {"country": country}, "items": asked} | changes
        return call("POST", "/shipping/quotes", caller=None, body=body)

    return quote


def prices(answer):
    assert answer.status == 200
    return [(each["price"]["amount"], each["estimated_days"]) for each in answer.body["options"]]


@pytest.mark.parametrize(
    ("country", "wanted"),
    [("DE", [(490, 3), (990, 1)]), ("FR", [(990, 5), (1990, 2)]), ("US", [(1990, 10), (3990, 4)])],
)
def test_shipping_has_a_price_by_zone(country, wanted, quote):
    answer = quote(country=country)
    assert prices(answer) == wanted
    assert [each["method"] for each in answer.body["options"]] == ["standard", "express"]
    assert {each["price"]["currency"] for each in answer.body["options"]} == {"EUR"}


def test_what_is_heavier_costs_more_by_what_catalog_says_of_its_weight(quote, sell):
    sell("anvil", attributes={"weight_grams": 9_000})
    sell("feather", attributes={"weight_grams": 1})
    assert prices(quote(("anvil", 1))) == [(990, 3), (1790, 1)]
    assert prices(quote(("anvil", 1), ("feather", 1000))) == [(990, 3), (1790, 1)]
    assert prices(quote(("anvil", 1), ("feather", 1000), ("mug", 1))) == [(1490, 3), (2490, 1)]
    assert prices(quote(("anvil", 1), ("anvil", 1))) == prices(quote(("anvil", 2)))


def test_a_product_that_does_not_say_weighs_half_a_kilogram(quote, sell):
    sell("mug", attributes={"weight_grams": "heavy"})
    assert (prices(quote(("mug", 4)))[0][0], prices(quote(("mug", 5)))[0][0]) == (490, 690)


def test_news_of_a_product_that_comes_late_changes_nothing(quote, sell):
    sell("anvil", sequence=2, type="ProductChanged", attributes={"weight_grams": 9_000})
    sell("anvil", sequence=1, attributes={"weight_grams": 100})
    assert prices(quote(("anvil", 1)))[0][0] == 990


def test_the_price_is_in_the_currency_of_the_things(quote, sell):
    sell("yen", currency="JPY")
    sell("dinar", currency="KWD")
    assert quote(("yen", 1)).body["options"][0]["price"] == {"amount": 4, "currency": "JPY"}
    assert quote(("dinar", 1)).body["options"][0]["price"] == {"amount": 4900, "currency": "KWD"}
    mixed = quote(("yen", 1), ("dinar", 1))
    assert (mixed.status, mixed.body["code"], mixed.body["errors"][0]["field"]) == (422, "currencies_differ", "items")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"sku": "mug", "quantity": 0}]}, "items.0.quantity"),
        ({"items": [{"sku": "mug", "quantity": True}]}, "items.0.quantity"),
        ({"items": [{"sku": "a/b", "quantity": 1}]}, "items.0.sku"),
        ({"items": [{"sku": "mug", "quantity": 1, "weight": 1}]}, "items.0.weight"),
        ({"items": [{"sku": "mug", "quantity": 1}] * 51}, "items"),
        ({"address": {"country": "Germany"}}, "address.country"),
        ({"address": {}}, "address.country"),
        ({"address": None}, "address"),
        ({"price": 1}, "price"),
    ],
)
def test_a_false_quote_is_refused(changes, field, quote):
    answer = quote(**changes)
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field])


@pytest.mark.parametrize("name", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "", "ü"])
def test_a_body_is_json_whatever_it_is_called(name, call):
    good = {"address": ADDRESS, "items": [{"sku": "mug", "quantity": 1}]}
    for body, status in ((good, 200), ("hello", 400), (None, 422)):
        answer = call("POST", "/shipping/quotes", caller=None, body=body, headers={"content-type": name})
        assert answer.status == status
