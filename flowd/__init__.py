"""flowd tells people what they earn."""

__version__ = "0.1.0"
