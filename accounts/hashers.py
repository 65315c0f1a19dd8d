"""Password hashing: argon2id, cheap enough that a morning's rush of sign-ins does not stop the counter."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """19 MiB, two passes, one lane: OWASP's first choice, about 40 ms of one core."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
