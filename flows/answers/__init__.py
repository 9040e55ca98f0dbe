"""Reads people: text as they write it → what it means, how sure that is, and what to ask back.

Pure functions without a dictionary on disk: a ward reader is handed its gazetteer, a date reader its today. None of
them raises on any text. The sentences they ask back with are named in `ASKS`; their words stand in the catalogues.
"""

from flows.answers.asks import ASKS
from flows.answers.command import COMMANDS, read_command
from flows.answers.dates import read_date
from flows.answers.email import read_email
from flows.answers.gazetteer import Gazetteer
from flows.answers.kinds import KINDS, PARSERS, Kind, read_answer
from flows.answers.money import read_money
from flows.answers.number import read_number
from flows.answers.option import Named, Options, read_option, read_options, read_rank
from flows.answers.phone import read_phone, shown_phone
from flows.answers.place import read_province, read_ward
from flows.answers.reading import Candidate, Range, Reading
from flows.answers.tax_code import read_tax_code
from flows.answers.text import clean, fold
from flows.answers.yes_no import read_consent, read_yes_no

__all__ = [
    "ASKS",
    "COMMANDS",
    "KINDS",
    "PARSERS",
    "Candidate",
    "Gazetteer",
    "Kind",
    "Named",
    "Options",
    "Range",
    "Reading",
    "clean",
    "fold",
    "read_answer",
    "read_command",
    "read_consent",
    "read_date",
    "read_email",
    "read_money",
    "read_number",
    "read_option",
    "read_options",
    "read_phone",
    "read_province",
    "read_rank",
    "read_tax_code",
    "read_ward",
    "read_yes_no",
    "shown_phone",
]
