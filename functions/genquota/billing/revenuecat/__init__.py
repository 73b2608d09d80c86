"""RevenueCat: signature, payloads, and what its events mean."""
