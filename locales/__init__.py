"""Our own words, one catalogue per language and subject; a form's words live in the form."""
