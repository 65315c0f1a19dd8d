"""How Django writes numbers, by language: https://docs.djangoproject.com/en/6.1/topics/i18n/formatting/."""
