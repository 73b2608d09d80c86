"""The callable functions: each has its request parsed, calls one use-case and returns the answer.

An instance imports the module of its function only, so those that users wait for most have one each.
"""
