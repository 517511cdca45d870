"""Plugins that would take the importing process along."""
