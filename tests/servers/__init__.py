"""Loopback servers that stand in for providers."""
