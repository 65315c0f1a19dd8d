"""What must be true: the rules, the actions that keep to them, the desks that show them."""
