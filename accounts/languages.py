"""The languages in which a person may want to be addressed: in texts to sign, questions and messages.

The pages are in English. What a language is called, `compliance.words.choices` says.
"""

#: Not known: nobody asked, or the person said nothing.
UNKNOWN = ""

#: The languages there are.
LANGUAGES = ("en", "es")

#: What may stand in a column.
LISTED = (UNKNOWN, *LANGUAGES)
