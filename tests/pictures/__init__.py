"""Draws every dashboard from its own queries with Grafana's own charts, for the documentation: `make pictures`."""
