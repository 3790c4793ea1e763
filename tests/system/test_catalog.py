"""Stories of the catalogue over HTTP, on the whole platform."""

import json

import pytest

from local.shop import Person, euro


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
    return "\n".join(json.dumps(product) for product in products).encode()


def product(sku, cents=500, **more):
    return {"sku": sku, "name": f"Thing {sku}", "price": euro(cents), "category": "imported", **more}


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/json"])
def test_a_file_of_products_is_on_sale(shop, staff, content_type):
    prefix = content_type[-6:].replace("/", "").replace("-", "")
    lines = [product(f"{prefix}-{number}") for number in range(230)]
    lines[7] = product("not a sku")
    answer = post_file(staff, ndjson(*lines), f"file-{prefix}", content_type)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending"), answer.text
    shop.settle()
    done = staff.get(f"/catalog/imports/{answer.json()['import_id']}")
    assert (done["status"], done["accepted"], done["rejected"]) == ("completed", 229, 1)
    assert [(error["line"], error["field"]) for error in done["errors"]] == [(8, "sku")]
    found = shop.client.get("/catalog/products", params={"q": f"{prefix}", "limit": 100, "category": "imported"}).json()
    assert len(found["items"]) == 100
    quote = shop.client.post("/orders/quote", json={"items": [{"sku": f"{prefix}-229", "quantity": 2}]})
    assert quote.json()["subtotal"] == euro(1000)


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
