"""The original project's modules: thin, kept so that its commands and imports keep working."""
