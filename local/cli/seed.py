"""A small shop to begin with, made through the front door."""

from functools import partial
from typing import Final

import httpx

from local.eventually import eventually
from local.shop import Json, Person, Shop, euro

# The state of a laptop's platform ends with it and is open to this machine only: the README may name these.
ADMIN: Final = {"email": "admin@commerce.example", "password": "admin on this laptop only"}
CUSTOMER: Final = {"email": "customer@commerce.example", "password": "customer on this laptop only"}
WAREHOUSES: Final = ("berlin", "hamburg")
PRODUCTS: Final = [
    ("mug-blue", "Blue mug", "A stoneware mug that holds 350 ml.", "home/kitchen", 1290, 40),
    ("mug-red", "Red mug", "The same mug, for those who like it warmer.", "home/kitchen", 1290, 25),
    ("teapot", "Teapot", "A pot for four cups, with a strainer.", "home/kitchen", 3490, 12),
    ("notebook", "Notebook", "160 dotted pages that lie flat.", "office/paper", 990, 100),
    ("pencil-set", "Pencil set", "Twelve pencils from 4H to 8B.", "office/drawing", 1750, 60),
    ("lamp", "Desk lamp", "Warm light, three joints, one foot.", "home/light", 5900, 3),
]


def seed(client: httpx.Client) -> None:
    """Return when what was made can be seen and ordered; figures and confirmations may still be on their way."""
    shop = Shop(client, key="seed")
    shop.register(ADMIN["email"], "Grace", ADMIN["password"])
    shop.register(CUSTOMER["email"], "Ada", CUSTOMER["password"])
    for person in (ADMIN, CUSTOMER):
        _soon(f"{person['email']} is confirmed", partial(shop.confirm, person["email"]))
    staff = shop.sign_in(ADMIN["email"], ADMIN["password"])
    made = [_stock(staff, *product) for product in PRODUCTS]
    for product_id in made:
        _soon("products are shown in stock", partial(staff.get, f"/catalog/products/{product_id}"), _in_stock)


def _stock(staff: Person, sku: str, name: str, description: str, category: str, price: int, quantity: int) -> str:
    """Its product id."""
    product = {"sku": sku, "name": name, "description": description, "category": category}
    made = staff.post("/catalog/products", {**product, "price": euro(price)})
    first, second = quantity - quantity // 3, quantity // 3
    for warehouse, delta in zip(WAREHOUSES, (first, second), strict=True):
        delivery = {"warehouse_id": warehouse, "delta": delta, "reason": "first delivery"}
        staff.post(f"/inventory/stock/{sku}/adjustments", delivery)
    return str(made["product_id"])


def _in_stock(product: Json) -> bool:
    return bool(product["availability"] != "out")


_soon = partial(eventually, patience_s=30, every_s=0.05)
