"""Source adapters: what hospitals and billing companies really have, read into canonical events.

Every adapter is a function of a stream of bytes that yields events and refusals and never raises for bad input; memory
does not grow with the file. Identifiers stay as the source has them: the intake replaces them by tokens.
"""
