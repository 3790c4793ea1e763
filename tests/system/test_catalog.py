"""Stories of the catalogue over HTTP, on the whole platform."""

import json
import os

import pytest

from local.shop import Person, euro

LINES = int(os.environ.get("COMMERCE_LINES", "230"))  # of an imported file, 10,000 at most


@pytest.fixture
def staff(shop):
    return shop.sign_in("admin@commerce.example")


@pytest.fixture(scope="module", autouse=True)
def joined(shop):
    shop.join("admin@commerce.example", "Grace")


def post_file(person: Person, body: bytes, key: str, content_type: str = "application/x-ndjson"):
    headers = {"authorization": f"Bearer {person.token}", "idempotency-key": key, "content-type": content_type}
    return person.client.post("/catalog/imports", content=body, headers=headers)


def ndjson(*products):
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in products).encode()


def product(sku, cents=500, **more):
    return {"sku": sku, "name": f"Thing {sku}", "price": euro(cents), "category": "imported", **more}


def spoilt(place):
    """Every 97th line is wrong, in one of four ways: the line, and the field to blame."""
    line = product(f"bulk-{place}", 500 + place)
    wrong = [
        ("{no json", ""),
        (line | {"sku": "not a sku"}, "sku"),
        (line | {"price": {"amount": -1, "currency": "EUR"}}, "price.amount"),
        (line | {"colour": "red"}, "colour"),
    ]
    return wrong[place // 97 % 4]


def imported(shop, staff, body, key):
    """What has become of it. Whoever asks has signed in anew: a file may take longer than a token lasts."""
    answer = post_file(staff, body, key)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending"), answer.text
    shop.settle()
    return shop.sign_in("admin@commerce.example").get(f"/catalog/imports/{answer.json()['import_id']}")


def all_of(shop, category):
    """Page by page, as it is now: caches have forgotten."""
    shop.client.post("/_local/clock/advance", json={"seconds": 6})
    cursor, found = None, []
    while True:
        asked = {"category": category, "limit": 100, "sort": "price"} | ({"cursor": cursor} if cursor else {})
        page = shop.client.get("/catalog/products", params=asked).json()
        found += page["items"]
        if not (cursor := page["next_cursor"]):
            return found


def test_a_file_goes_in_to_its_last_line_and_again_changes_nothing(shop, platform, staff):
    """`COMMERCE_LINES` of them: 10,000 take twelve minutes on two shared cores.

    What the longest run took has moto's work for it in it, which grows with its tables.
    """
    lines = [product(f"bulk-{place}", 500 + place) for place in range(LINES)]
    blamed = {}
    for place in range(7, LINES, 97):
        lines[place], blamed[place + 1] = spoilt(place)
    body = ndjson(*lines)

    done = imported(shop, staff, body, "bulk")
    assert (done["status"], done["accepted"], done["rejected"]) == ("completed", LINES - len(blamed), len(blamed))
    assert {error["line"]: error["field"] for error in done["errors"]} == blamed
    on_sale = all_of(shop, "imported")
    assert [item["sku"] for item in on_sale] == [f"bulk-{place}" for place in range(LINES) if place + 1 not in blamed]
    quote = shop.client.post("/orders/quote", json={"items": [{"sku": on_sale[-1]["sku"], "quantity": 2}]})
    assert quote.json()["subtotal"] == euro(2 * on_sale[-1]["price"]["amount"])

    again = imported(shop, shop.sign_in("admin@commerce.example"), body, "bulk again")
    assert (again["status"], again["errors"]) == ("completed", done["errors"])
    assert all_of(shop, "imported") == on_sale

    timeouts = {name: function.timeout for name, function in platform.functions.by_name.items()}
    longest = max(platform.functions.invocations, key=lambda run: run.busy / timeouts[run.function])
    print(f"{LINES} lines: the longest run was of {longest.function}, {longest.busy:.1f} s of processor time.")
    assert not [run for run in platform.functions.invocations if run.error]


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/json"])
def test_a_file_may_be_called_what_it_is_or_json(shop, staff, content_type):
    answer = post_file(staff, ndjson(product("one"), product("two")), content_type, content_type)
    assert (answer.status_code, answer.json()["lines"]) == (202, 2), answer.text


def test_a_file_that_a_function_cannot_be_called_with_is_too_large(staff):
    assert post_file(staff, b"x" * (6 * 1024 * 1024), "huge").status_code == 413


def test_nobody_notices_a_rebuild(shop, platform, staff):
    """Readers ask all the time, and somebody sells, while the read side is made anew."""
    for number in range(5):
        shop.stock(staff, f"steady-{number}", 3, name=f"Steady {number}", category="steady")
    shop.settle()
    wanted = [f"steady-{number}" for number in range(5)]
    rebuild = staff.post("/catalog/rebuilds")
    asked = 0
    while staff.get(f"/catalog/rebuilds/{rebuild['rebuild_id']}")["status"] != "completed":
        if asked % 10 == 9:  # it goes on while requests are answered, and a little by itself
            platform.advance(0.01)
        answer = shop.client.get("/catalog/products", params={"category": "steady", "limit": 100 - asked % 50})
        assert [item["sku"] for item in answer.json()["items"]] == wanted
        asked += 1
        assert asked < 500
    assert asked > 1
    shop.stock(staff, "steady-9", 1, name="Steady 9", category="steady")
    shop.settle()
    platform.advance(6)
    found = shop.client.get("/catalog/products", params={"category": "steady"}).json()["items"]
    assert [item["sku"] for item in found] == [*wanted, "steady-9"]


def test_a_new_price_is_what_is_paid_and_what_is_archived_cannot_be_ordered(shop, staff):
    made = shop.stock(staff, "kettle", 5, price=4000, name="Kettle")
    shop.settle()
    one, lines = f"/catalog/products/{made['product_id']}", {"items": [{"sku": "kettle", "quantity": 1}]}
    assert staff.ask("PUT", f"{one}/price", {"price": euro(3500)}, if_match=etag(staff, one)).status_code == 200
    shop.settle()
    assert shop.client.post("/orders/quote", json=lines).json()["subtotal"] == euro(3500)
    assert [each["price"] for each in staff.get(f"{one}/prices")["items"]] == [euro(3500), euro(4000)]
    assert staff.ask("DELETE", one, if_match=etag(staff, one)).status_code == 204
    shop.settle()
    refused = shop.client.post("/orders/quote", json=lines)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "items.0.sku")
    assert staff.get(one)["status"] == "archived"


def etag(person, path):
    return person.ask("GET", path).headers["etag"]


def test_a_file_with_other_prices_and_names_changes_what_is_there(shop, staff):
    first, then = product("changing"), product("changing", 700, name="Changed", category="elsewhere")
    for turn, line in enumerate((first, then)):
        assert post_file(staff, ndjson(line), f"changing-{turn}").status_code == 202
        shop.settle()
    assert shop.client.post("/orders/quote", json={"items": [{"sku": "changing", "quantity": 1}]}).json()[
        "subtotal"
    ] == euro(700)
    [found] = shop.client.get("/catalog/products", params={"category": "elsewhere"}).json()["items"]
    assert (found["name"], found["sku"]) == ("Changed", "changing")
    variant = product("changing-red", parent_id=found["product_id"])
    assert post_file(staff, ndjson(variant), "changing-variant").status_code == 202
    shop.settle()
    [told] = staff.get(f"/catalog/products/{found['product_id']}")["variants"]
    assert told["sku"] == "changing-red"


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def test_a_picture_is_uploaded_looked_at_and_shown(shop, staff):
    product_id = shop.stock(staff, "pictured", 1)["product_id"]
    place = staff.post(f"/catalog/products/{product_id}/images", {"content_type": "image/png"})
    confirm = f"/catalog/products/{product_id}/images/{place['image_id']}"
    assert staff.ask("PUT", confirm).json()["code"] == "image_missing"

    uploaded = shop.client.put(place["upload_url"], content=PNG, headers={"content-type": "image/png"})
    assert uploaded.status_code == 200, uploaded.text
    for _ in range(2):
        assert staff.ask("PUT", confirm).json()["images"] == [place["image_url"]]
    assert staff.get(f"/catalog/products/{product_id}")["images"] == [place["image_url"]]
    assert shop.client.get(place["image_url"]).content == PNG


@pytest.mark.parametrize(
    ("content", "sent_as"),
    [(b"<script>", "image/png"), (PNG, "text/html"), (PNG + b"0" * 5 * 1024 * 1024, "image/png")],
    ids=["no picture", "another type", "too large"],
)
def test_what_is_no_picture_is_not_shown_and_not_kept(shop, staff, content, sent_as):
    product_id = staff.post("/catalog/products", product(f"p{len(content)}{sent_as[-3:]}"))["product_id"]
    place = staff.post(f"/catalog/products/{product_id}/images", {"content_type": "image/png"})
    shop.client.put(place["upload_url"], content=content, headers={"content-type": sent_as})
    refused = staff.ask("PUT", f"/catalog/products/{product_id}/images/{place['image_id']}")
    assert (refused.status_code, refused.json()["code"]) == (422, "image_refused")
    assert shop.client.get(place["image_url"]).status_code in (403, 404)


def test_pictures_are_asked_for_as_they_should_be(staff):
    product_id = staff.post("/catalog/products", product("unpictured"))["product_id"]
    images = f"/catalog/products/{product_id}/images"
    assert staff.ask("POST", images, {"content_type": "text/html"}).status_code == 422
    assert staff.ask("POST", "/catalog/products/prd_none/images", {"content_type": "image/png"}).status_code == 404
    assert staff.ask("PUT", f"{images}/img_1.png").status_code == 422
