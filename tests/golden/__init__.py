"""Files of the repository that are made from the code; ``make golden`` writes them and tests compare them."""
