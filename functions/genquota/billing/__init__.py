"""Payment providers: from their webhooks to subscriptions and purchased grants."""
