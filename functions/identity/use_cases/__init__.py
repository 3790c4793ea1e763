"""What people do with their accounts: read, decide, commit together. Nothing here tells who is registered."""
