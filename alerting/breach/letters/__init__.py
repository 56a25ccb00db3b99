"""The notices of a breach as documents: what is in them, who gets them, and how they are written."""
