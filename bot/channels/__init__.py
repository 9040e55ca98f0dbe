"""One file per channel: read what came, render what goes, send it."""
