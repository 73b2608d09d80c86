"""Notices, and the devices that they are pushed to."""
