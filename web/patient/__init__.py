"""The patient's pages, and the guardian's beside them."""
