"""What may hold news of cases back for a time, and how they are told in the end."""
