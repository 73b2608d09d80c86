"""Use-cases of billing: apply providers' events to subscriptions, grants and users."""
