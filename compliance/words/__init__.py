"""Words for people, one total table a noun. Codes are for machines and stable; these sentences are for people."""
