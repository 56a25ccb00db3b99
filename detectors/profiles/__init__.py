"""Profiles: what is remembered of each patient, user, provider and instrument, in a few hundred bytes.

One struct per stage, written as a MessagePack array, so that a profile costs microseconds to read and to write.
Fields may be added at the end of a struct only: older profiles then decode with the default.
"""
