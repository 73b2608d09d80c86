"""The wire format: models of requests and answers. JSON is camelCase, times end in `Z`.

What may not enter: decisions, documents, Firebase. These models know the domain's words only.
"""
