"""Decides: what to ask next, what a reply means, what is wrong with a form. Pure: no await, clock, dice, disk or log."""
