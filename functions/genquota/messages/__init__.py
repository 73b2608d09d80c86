"""The wire: what requests may say, and what answers look like. JSON is camelCase, times end in `Z`.

What may not enter: decisions, documents, Firebase. These models know the domain's words only.
"""
