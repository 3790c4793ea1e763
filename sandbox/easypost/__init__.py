"""A server with the shape of EasyPost's API: shipments with rates, labels bought and given back, trackers."""

from sandbox.easypost.api import EasyPostSandbox
from sandbox.easypost.shipments import LabelOperation

__all__ = ["EasyPostSandbox", "LabelOperation"]
