"""Registries as lists and tables."""
