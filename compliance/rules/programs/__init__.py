"""One module a program: the only places that know a drug."""
