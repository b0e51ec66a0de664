"""Benchmarks that anyone can rerun: ``bin/bench [NAME …] [--json FILE]``. Each starts what it needs and stops it."""
