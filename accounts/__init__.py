"""People who sign in: user, roles, sign-in."""
