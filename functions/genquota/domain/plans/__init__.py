"""Plans and subscriptions: which terms apply to a user."""
