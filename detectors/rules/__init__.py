"""The rules that come with Wardwatch, in Sigma syntax; each `<rule>.yml` has its tests in `<rule>.tests.yml`."""
