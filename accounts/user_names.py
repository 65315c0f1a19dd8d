"""User names: by what an account signs in that has no e-mail address.

None has an @, so that none is taken for an address. Nothing asks for a person's own name in it, and pages advise
against that: whoever stands behind a reader sees it typed.
"""

import re
import secrets

#: What a user name looks like, in small letters: as the database asks for it too.
PATTERN = r"^[a-z][a-z0-9._-]{3,29}$"

LONGEST = 30

#: Words of which a user name is suggested. They say nothing of a person, and nothing of medicine.
_WORDS = (
    "acorn", "amber", "apple", "arrow", "basket", "bridge", "button", "candle", "canyon", "cedar", "cherry", "cloud",
    "clover", "copper", "coral", "cotton", "creek", "falcon", "feather", "forest", "garden", "ginger", "harbor",
    "hazel", "island", "kettle", "lantern", "lemon", "maple", "marble", "meadow", "mirror", "olive", "orange",
    "orchard", "paper", "pebble", "pepper", "pine", "planet", "pocket", "quartz", "rabbit", "ribbon", "river",
    "saddle", "silver", "spruce", "summer", "sunset", "teapot", "thimble", "tulip", "velvet", "violin", "walnut",
    "willow", "window", "winter", "yellow",
)  # fmt: skip


def normalise(text: str) -> str:
    """The user name as it is kept, from what a person typed."""
    return text.strip().lower()


def is_valid(name: str) -> bool:
    """Whether this, normalised, can be a user name."""
    return re.fullmatch(PATTERN, name) is not None


def suggest() -> str:
    """One that is probably nobody's yet: two words and a number."""
    return f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{secrets.randbelow(90) + 10}"
