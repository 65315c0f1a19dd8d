"""The record log: add-only, a hash chain a subject. Knows subjects and kinds, not what they mean."""
