"""The program: rules, commands that apply them, projections, signatures and exports."""
