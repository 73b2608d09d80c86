"""Self-service: users export or delete their data, register devices and edit their profile.

What may not enter: operators' changes of one user, which go through `operators/change_user.py`.
"""
