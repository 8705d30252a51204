"""The same training in other tools, one file each: ``python -m benchmarks.peers.NAME`` prints one line of JSON."""
