"""Contracts: what every implementation of a port must do, as plain checks run against each, and against broken ones."""
