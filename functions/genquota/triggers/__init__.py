"""Entry points: callables, HTTP, schedules, and in-process calls.

What may not enter: documents and decisions. A trigger understands the request, calls one use-case and
writes the answer.
"""
