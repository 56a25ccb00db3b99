"""Patterns of money, payees, accounts and rights."""
