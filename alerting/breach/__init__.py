"""What the Breach Notification Rule asks for (45 CFR 164.400 to 164.414), as values, decisions and records."""
