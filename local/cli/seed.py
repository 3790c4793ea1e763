"""A small shop to begin with, made through the front door."""

from typing import Final

import httpx

from local.shop import Shop, euro

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
    shop = Shop(client, key="seed")
    shop.register(ADMIN["email"], "Grace", ADMIN["password"])
    shop.register(CUSTOMER["email"], "Ada", CUSTOMER["password"])
    shop.settle()
    for person in (ADMIN, CUSTOMER):
        shop.confirm(person["email"])
    staff = shop.sign_in(ADMIN["email"], ADMIN["password"])
    for sku, name, description, category, price, quantity in PRODUCTS:
        product = {"sku": sku, "name": name, "description": description, "category": category}
        staff.post("/catalog/products", {**product, "price": euro(price)})
        first, second = quantity - quantity // 3, quantity // 3
        for warehouse, delta in zip(WAREHOUSES, (first, second), strict=True):
            delivery = {"warehouse_id": warehouse, "delta": delta, "reason": "first delivery"}
            staff.post(f"/inventory/stock/{sku}/adjustments", delivery)
    shop.settle()
