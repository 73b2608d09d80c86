"""The core of all use-cases: context, authorization, user state, audit."""
