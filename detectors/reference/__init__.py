"""Reference tables that a site supplies: loaders and their types. No table of others is shipped."""
