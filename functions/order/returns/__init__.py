"""Returns: what a customer sends back of a delivered order. In the order's own stream, so no piece comes back twice."""
