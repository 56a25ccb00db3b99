"""The evidence bundle: one case as a file that can be checked by somebody who trusts nobody (45 CFR 164.414(b))."""
