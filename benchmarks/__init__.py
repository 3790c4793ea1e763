"""Speed, memory and money, measured. Each file is a command: `python -m benchmarks.order_cost`."""
