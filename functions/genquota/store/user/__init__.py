"""`users/{uid}`: the document that quotas are decided on."""
