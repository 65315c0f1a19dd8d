"""Numbers as people read them."""


def patient_number(number: str) -> str:
    """A patient number as it is read aloud: ABCD-EFGH."""
    plain = str(number).replace("-", "")
    return f"{plain[:4]}-{plain[4:]}" if len(plain) == 8 else plain
