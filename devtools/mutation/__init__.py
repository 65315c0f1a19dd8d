"""Mutation testing: the rules with one small fault at a time, and whether their tests notice. `bin/mutate` runs it."""
