"""The only writers. Each is a verb with keyword-only arguments: who does it (`by`), and when (`at`)."""
