"""The verbs of an app: check, create, update, delete and track generations; read usage."""
