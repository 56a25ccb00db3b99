"""`wardwatch demo`: everything embedded, with a simulated hospital at high speed; it leaves nothing behind."""
