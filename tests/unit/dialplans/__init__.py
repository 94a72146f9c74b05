"""Plans, rules and decisions: no socket, no store, no clock."""
