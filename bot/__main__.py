"""`python -m bot` is `khaosat`."""

from bot.cli import main

main()
