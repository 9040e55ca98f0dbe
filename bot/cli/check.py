"""`khaosat check`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.flows import draft, tell_problems, told
from bot.cli.shared import COULD_NOT, DONE, FileArg, LangOption, say, settings_and_words

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.i18n import Words
    from flows.model import Flow
    from flows.problems import Problem


def check(
    file: FileArg,
    lang: LangOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Tell everything that is wrong or doubtful in a flow: 0 nothing wrong, 1 problems, 2 no such file."""
    settings, words = settings_and_words()
    flow, problems = draft(file, settings, words, with_judge=True)
    language = lang or settings.language
    if as_json:
        for problem in problems:
            say(json.dumps(_as_json(words, language, problem), ensure_ascii=False))
    else:
        tell_problems(words, language, problems)
        if flow is not None and not any(p.is_error for p in problems):
            _tell_chatter(words, language, flow, settings)
    raise typer.Exit(COULD_NOT if any(p.is_error for p in problems) else DONE)


def _as_json(words: "Words", lang: str, problem: "Problem") -> dict[str, Any]:
    what, remedy = told(words, lang, problem)
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "place": problem.place.model_dump(exclude_none=True),
        "facts": dict(problem.facts),
        "problem": what,
        "remedy": remedy,
    }


def _tell_chatter(words: "Words", lang: str, flow: "Flow", settings: "Settings") -> None:
    """How many messages a question costs on Telegram."""
    from bot.chatter import MESSAGES_PER_QUESTION, chatter_of
    from bot.library import placeholders
    from flows.machine import compile

    cost = chatter_of(compile(flow, placeholders(settings)), words, lang)
    figure = words.number(lang, round(cost.per_question, 2))
    say(words.say(lang, "cli.chatter", figure=figure, questions=cost.questions, messages=cost.messages))
    if cost.is_too_much:
        say("    " + words.say(lang, "cli.chatter_too_much", most=MESSAGES_PER_QUESTION))
