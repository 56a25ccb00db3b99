-- Run by the image of PostgreSQL when its volume is empty: the archive has a database of its own (docs/accounting.md).
CREATE DATABASE archive;
