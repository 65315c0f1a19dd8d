"""What the pages of several readers use."""
