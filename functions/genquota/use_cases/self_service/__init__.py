"""Users' own matters: their data, taken along or deleted, their devices, and what is known of them again.

What may not enter: operators' changes of one user, which go through `operating/change_user.py`.
"""
