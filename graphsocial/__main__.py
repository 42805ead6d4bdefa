"""`python -m graphsocial` is the `graphsocial` command."""

from graphsocial.cli import main

main()
