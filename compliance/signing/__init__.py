"""The signed PDF of a recorded signature."""
