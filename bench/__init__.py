"""What `make bench` measures: Genquota against the bare Firestore SDK, on this machine, in one run.

Each module is one question; `baseline.py` and `servers/baseline.py` are what it is compared with.
"""
