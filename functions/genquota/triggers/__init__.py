"""How the world calls in: functions, schedules, and the app's own code.

What may not enter: documents and decisions. A trigger understands the request, calls one use-case and
writes the answer.
"""
