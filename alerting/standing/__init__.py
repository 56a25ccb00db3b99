"""How the response stands, counted from the store: for whoever watches Wardwatch, in numbers that name nobody."""
