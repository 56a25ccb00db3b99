-- Run by the image of PostgreSQL when its volume is empty: the vault has a database of its own (docs/privacy.md).
CREATE DATABASE vault;
