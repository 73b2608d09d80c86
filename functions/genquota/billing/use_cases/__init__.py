"""What payment providers' events do: to subscriptions, to grants, and so to users."""
