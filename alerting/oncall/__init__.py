"""Who is on call, and how a case that nobody takes climbs."""
