"""A small shop to begin with, made through the front door."""

from typing import Any, Final

import httpx

from local.shop import Shop, euro

ADMIN: Final = {"email": "admin@commerce.example", "password": "admin on this laptop only"}
CUSTOMER: Final = {"email": "customer@commerce.example", "password": "customer on this laptop only"}
PRODUCTS: Final = [
    ("mug-blue", "Blue mug", "A stoneware mug that holds 350 ml.", "home/kitchen", 1290, 40),
    ("mug-red", "Red mug", "The same mug, for those who like it warmer.", "home/kitchen", 1290, 25),
    ("teapot", "Teapot", "A pot for four cups, with a strainer.", "home/kitchen", 3490, 12),
    ("notebook", "Notebook", "160 dotted pages that lie flat.", "office/paper", 990, 100),
    ("pencil-set", "Pencil set", "Twelve pencils from 4H to 8B.", "office/drawing", 1750, 60),
    ("lamp", "Desk lamp", "Warm light, three joints, one foot.", "home/light", 5900, 3),
]


def seed(state: dict[str, Any]) -> None:
    with httpx.Client(base_url=state["api_url"], timeout=30) as client:
        shop = Shop(client)
        staff = shop.join(ADMIN["email"], "Grace", ADMIN["password"])
        shop.join(CUSTOMER["email"], "Ada", CUSTOMER["password"])
        for sku, name, description, category, price, quantity in PRODUCTS:
            product = {"sku": sku, "name": name, "description": description, "category": category}
            staff.post("/catalog/products", {**product, "price": euro(price)})
            for warehouse, share in (("berlin", quantity - quantity // 3), ("hamburg", quantity // 3)):
                delivery = {"warehouse_id": warehouse, "delta": share, "reason": "first delivery"}
                staff.post(f"/inventory/stock/{sku}/adjustments", delivery)
        shop.settle()
