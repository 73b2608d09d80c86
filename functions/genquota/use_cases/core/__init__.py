"""What every verb is built on: context, authorization, user state, audit."""
