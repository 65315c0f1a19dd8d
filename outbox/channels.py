"""Channels: through what a message goes."""

EMAIL, SMS = "email", "sms"
#: In the order in which one is chosen for somebody who chose none.
CHANNELS = (EMAIL, SMS)
