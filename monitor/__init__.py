"""The running thing: settings, composition, command line, metrics, health and logs."""
