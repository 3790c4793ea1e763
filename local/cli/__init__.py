"""The `commerce` command."""
