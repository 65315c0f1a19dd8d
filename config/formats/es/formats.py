"""Numbers as the United States write them. Days are typed month first, and shown by the patterns of `ui.times`."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%m/%d/%Y"]
