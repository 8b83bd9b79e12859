"""The benchmark: figures of one run, each against its yardstick. `make bench`; never part of the tests."""
