"""Who is told: the tree of routes, addresses, subjects left out, digests."""
