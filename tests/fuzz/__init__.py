"""Every parser under any input: one table of targets, shared by hypothesis, Atheris and a fuzzer without coverage."""
