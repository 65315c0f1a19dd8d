"""What stands before signing in: invitations, and registering a practice or a pharmacy."""
