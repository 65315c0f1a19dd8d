"""What surrounds the fill: it advises, and is recorded. No gate asks for any of it."""
