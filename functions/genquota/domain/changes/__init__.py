"""What operators change: limits, plans, subscriptions, counters. Pure."""
