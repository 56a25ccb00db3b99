"""`python -m monitor.cli`: the command line where the script `wardwatch` is not on the path."""

from monitor.cli import main

main()
