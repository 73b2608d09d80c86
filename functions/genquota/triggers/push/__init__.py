"""Delivery of notices to devices by Firebase Cloud Messaging."""
