"""Accounting: reports for patients, reviews, retention."""
