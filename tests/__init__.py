"""The tests of Wardwatch, one folder for each package and one for each kind of whole-system test."""
