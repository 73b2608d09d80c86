"""Functions that the bench starts under functions-framework, each file a source of its own."""
