"""Pages before sign-in: invitations, set-password links, registration of a practice or a pharmacy."""
