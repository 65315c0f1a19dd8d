"""The pages: a folder a desk. Views and forms; what they show and write comes from the rules and the actions."""
