"""Stories of the response in virtual time."""
