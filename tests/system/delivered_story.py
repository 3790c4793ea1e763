"""The story of test_delivery.py."""

import re
from collections import Counter
from itertools import count

from local.shop import Shop, euro

YEAR = "from=2026-01-01&to=2026-12-31"
numbers = count()


class Story:
    """Five orders, by a customer and of goods of its own; what stands at its end has no ids and no times."""

    def __init__(self, platform, asks=True):
        self.platform, self.asks = platform, asks
        self.shop = Shop(platform.client(), platform.webhook_secrets)
        self.name = f"story{next(numbers)}"
        self.orders = {}
        self.shop.join(f"{self.name}@customer.example")
        self.sign_in()
        for sku in ("cup", "pot"):
            self.shop.stock(self.staff, f"{self.name}-{sku}", 10)
        self.shop.settle()
        self.figures_before = self.figures()

    def sign_in(self):
        self.staff = self.shop.sign_in("admin@commerce.example")
        self.ada = self.shop.sign_in(f"{self.name}@customer.example")

    def place(self):
        cards = {"declined": "pm_card_chargeDeclined", "asked": "pm_card_threeDSecure2Required"}
        for name in ("kept", "cancelled", "declined", "parted", *(("asked",) if self.asks else ())):
            items = [{"sku": f"{self.name}-{sku}", "quantity": 2 - (sku == "pot")} for sku in ("cup", "pot")]
            placed = self.ada.order("", items=items, payment_method=cards.get(name, "pm_card_visa"))
            self.orders[name] = placed["order_id"]

    def decide(self):
        self.ada.post(f"/orders/{self.orders['cancelled']}/cancel", {})
        self.parcels = [self.shop.dispatch(self.staff, self.orders["kept"])]
        [whole] = self.staff.get(f"/shipments?order_id={self.orders['parted']}")["items"]
        part = {"items": [{"sku": f"{self.name}-cup", "quantity": 1}]}
        part = self.staff.post(f"/shipments/{whole['shipment_id']}/split", part)
        self.parcels.append(self.staff.post(f"/shipments/{part['shipment_id']}/dispatch", {}))
        if self.asks:
            [payment] = self.ada.get(f"/payments?order_id={self.orders['asked']}")["items"]
            assert self.shop.client.get(payment["next_action"]["redirect_url"]).status_code == 200

    def deliver(self):
        for parcel in self.parcels:
            assert self.shop.carrier_says(parcel["tracking_number"], "delivered").status_code == 200

    def give_back(self):
        asked = {"items": [{"sku": f"{self.name}-cup", "quantity": 1}], "reason": "too big"}
        found = self.ada.post(f"/orders/{self.orders['kept']}/returns", asked)
        for step in ("approve", "receive"):
            self.staff.post(f"/orders/{self.orders['kept']}/returns/{found['return_id']}/{step}")
        [payment] = self.staff.get(f"/payments?order_id={self.orders['kept']}")["items"]
        self.staff.post(f"/payments/{payment['payment_id']}/refunds", {"amount": euro(100), "reason": "a scratch"})

    def figures(self):
        """Every number of the overview that adds up, by its path."""
        found = Counter()

        def collect(path, told):
            for key, value in told.items() if isinstance(told, dict) else enumerate(told):
                if isinstance(value, dict | list):
                    collect(f"{path}.{key}", value)
                elif isinstance(value, int) and "average" not in path:
                    found[f"{path}.{key}"] = value

        collect("", self.staff.get(f"/analytics/overview?{YEAR}"))
        return found

    def end(self):
        orders = {}
        for name, order_id in self.orders.items():
            order = self.ada.get(f"/orders/{order_id}")
            paid = self.ada.get(f"/payments?order_id={order_id}")["items"]
            shipments = self.staff.get(f"/shipments?order_id={order_id}")["items"]
            orders[name] = {
                "order": (order["status"], order.get("reason"), order["total"]["amount"]),
                "paid": [
                    (p["status"], *(p[w]["amount"] for w in ("authorized", "captured", "voided", "refunded")))
                    for p in paid
                ],
                "parcels": sorted((s["status"], sum(i["quantity"] for i in s["items"])) for s in shipments),
                "returns": [one["status"] for one in order["returns"]],
            }
        stock = {
            sku: {
                what: self.staff.get(f"/inventory/stock/{self.name}-{sku}")[what]
                for what in ("on_hand", "reserved", "available")
            }
            for sku in ("cup", "pot")
        }
        mails = Counter(
            re.sub(r"\bord_\w+", "…", mail["subject"]) for mail in self.shop.mailbox(f"{self.name}@customer.example")
        )
        after = self.figures()
        after.subtract(self.figures_before)
        return {"orders": orders, "stock": stock, "mails": mails, "figures": +after}
