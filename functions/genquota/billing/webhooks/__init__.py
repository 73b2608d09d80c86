"""Where payment providers call in: proof of origin, then their payload in our language, then one use-case."""
