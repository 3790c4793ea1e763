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
    return "\n".join(json.dumps(product) for product in products).encode()


def product(sku, cents=500, **more):
    return {"sku": sku, "name": f"Thing {sku}", "price": euro(cents), "category": "imported", **more}


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/json"])
def test_a_file_of_products_is_on_sale(shop, platform, staff, content_type):
    prefix = content_type[-6:].replace("/", "").replace("-", "")
    lines = [product(f"{prefix}-{number}") for number in range(LINES)]
    lines[7] = product("not a sku")
    started = len(platform.functions.invocations)
    answer = post_file(staff, ndjson(*lines), f"file-{prefix}", content_type)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending"), answer.text
    shop.settle()
    staff = shop.sign_in("admin@commerce.example")
    done = staff.get(f"/catalog/imports/{answer.json()['import_id']}")
    assert (done["status"], done["accepted"], done["rejected"]) == ("completed", LINES - 1, 1)
    assert [(error["line"], error["field"]) for error in done["errors"]] == [(8, "sku")]
    found = shop.client.get("/catalog/products", params={"q": f"{prefix}", "limit": 100, "category": "imported"}).json()
    assert len(found["items"]) == 100
    quote = shop.client.post("/orders/quote", json={"items": [{"sku": f"{prefix}-{LINES - 1}", "quantity": 2}]})
    assert quote.json()["subtotal"] == euro(1000)
    runs = list(platform.functions.invocations)[started:]
    longest = max(runs, key=lambda run: run.busy)
    print(
        f"import: {LINES} lines, {len(runs)} invocations, the longest {longest.function} with {longest.busy:.1f} s of CPU"
    )


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
