"""Consents, policies and declarations as JSON and JSON-LD."""
