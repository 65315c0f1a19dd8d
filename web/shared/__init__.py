"""Parts that the pages of several roles use."""
