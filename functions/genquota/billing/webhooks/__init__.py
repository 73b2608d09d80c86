"""Webhooks: verify the sender, parse the payload, apply the event."""
