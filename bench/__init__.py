"""How fast, as ratios of the same run: `make bench`, or `python -m bench --help`."""
