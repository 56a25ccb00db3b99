"""Parts of `tests.bench.quality`: one module a data set, and how each is judged."""
