"""The gate: whether an access token is good, for API Gateway. It shares no more with the rest than the token's form."""
