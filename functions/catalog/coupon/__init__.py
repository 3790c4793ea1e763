"""Coupons: codes that take something off an order, as staff made them. Who has used one is order's to know."""
