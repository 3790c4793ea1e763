"""The laptop cloud: carries the synthesised templates in one process, truthfully enough to test what they promise."""
