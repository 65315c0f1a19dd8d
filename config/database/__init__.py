"""Django's PostgreSQL backend, and which of the two roles does what."""
