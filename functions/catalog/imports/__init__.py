"""Bulk imports: a file of products, a line each, that goes in line by line. What is wrong with one keeps no other."""
