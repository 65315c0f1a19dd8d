"""The languages in which a person may want to be addressed: on pages, in texts to sign, questions and messages.

What a language is called, `compliance.words.choices` says.
"""

#: Not known: nobody asked, or the person said nothing.
UNKNOWN = ""

#: The languages there are.
LANGUAGES = ("en", "es")

#: What may stand in a column.
LISTED = (UNKNOWN, *LANGUAGES)
