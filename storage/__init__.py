"""Remembers: tables, migrations, one repository per noun. The only room with SQL."""
