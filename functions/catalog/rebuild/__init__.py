"""The read side made anew from events, beside the one that is read, and then read instead of it."""
