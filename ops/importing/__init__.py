"""Import generations that an app recorded before it had Genquota."""
