"""The program's rules as pure functions: no Django, no clock, no input or output.

`gate.assess` answers the one question ("may this be dispensed now?") from a patient's log, the
certifications, the program's tables and an instant. Everything else here exists to serve it.
"""
