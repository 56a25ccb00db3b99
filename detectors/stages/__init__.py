"""One module per stage: how an event changes the profile there, and which notes it leaves."""
