"""Notification: tells customers what became of their orders and accounts, once per fact."""
