"""Importing this begins Django: for the process of which those that share in a work are copies."""

import django

django.setup()
