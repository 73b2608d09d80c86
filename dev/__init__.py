"""What a developer's machine needs: set-up, emulators, `make run`, `make test`. Never deployed."""
