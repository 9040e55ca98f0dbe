"""The terminal: try a form, and print the talk as a test."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.i18n import Words
from flows.engine import step
from flows.machine import Machine
from flows.session import (
    OPEN,
    Effect,
    Event,
    Option,
    Session,
    Settle,
    Show,
    Started,
    Status,
    Submitted,
    Tapped,
    Tell,
    Typed,
    View,
)

COMMANDS = {
    ":back": "back",
    ":skip": "skip",
    ":later": "later",
    ":submit": "submit",
    ":yes": "yes",
    ":no": "no",
    ":done": "done",
    ":add": "add",
    ":enough": "enough",
}


class Terminal:
    """One talk in a terminal: words in, words out."""

    def __init__(self, machine: Machine, words: Words, lang: str, clock: Callable[[], int], seed: int = 1) -> None:
        self._machine = machine
        self._words = words
        self._clock = clock
        self.session = Session("try", machine.name, machine.version, lang, seed)
        self.view = View(kind="message", lang=lang)
        self.record: Submitted | None = None
        self.script: list[str] = []  # the talk as lines of a test
        self.began = clock()

    def begin(self) -> Iterator[str]:
        """The first words."""
        flow = self._machine.flow
        for text in (flow.title, flow.welcome):
            words = self._machine.words(text, self.session.lang)
            if words:
                yield words
        yield from self._happens(Started(self.began, self.session.lang, device="console"))

    def say(self, text: str) -> Iterator[str]:
        """What the person types: an answer, a number or several of the options, or a command such as :back."""
        event = self._event(text.strip())
        yield from self._happens(event)

    def does(self, event: Event) -> Iterator[str]:
        """What somebody does who answers by themselves; shown as if it had been typed."""
        labels = {option.name: option.label for option in self.view.options}
        told = ""
        match event:
            case Typed(text=text):
                told = text
                self.script.append(f"talk.they_say({_literal(text)})")
            case Tapped(op="set", arg=arg):
                told = ", ".join(labels.get(name, name) for name in arg.split())
                chosen = ", ".join(_literal(labels.get(name, name)) for name in arg.split())
                self.script.append(f"talk.they_choose({chosen})")
            case Tapped(op="pick", arg=arg):
                told = labels.get(arg, arg)
                self.script.append(f"talk.they_tap({_literal(told)})")
            case Tapped(op=op):
                told = f":{op}"
                self.script.append(f'talk.they_press("{op}")')
            case _:
                told = f":{event.kind}"
                self.script.append(f"talk.they_send({event!r})")
        yield f"> {told}"
        yield from self._happens(event)

    @property
    def open(self) -> bool:
        """Whether there is anything left to answer."""
        return self.session.status in OPEN or self.session.status is Status.NEW

    def _event(self, text: str) -> Event:
        at, card = self._clock(), self.session.card
        if text in COMMANDS:
            op = COMMANDS[text]
            self.script.append(f'talk.they_press("{op}")')
            return Tapped(at, op, self.view.path or None, card=card)  # type: ignore[arg-type]
        picked = self._picked(text)
        if picked and self.view.type in {"select_multiple", "rank"}:
            self.script.append("talk.they_choose(" + ", ".join(_literal(o.label) for o in picked) + ")")
            return Tapped(at, "set", self.view.path, " ".join(o.name for o in picked), card)
        if picked and self.view.options and len(picked) == 1:
            self.script.append(f"talk.they_tap({_literal(picked[0].label)})")
            return Tapped(at, "pick", self.view.path, picked[0].name, card)
        self.script.append(f"talk.they_say({_literal(text)})")
        return Typed(at, text)

    def _picked(self, text: str) -> list[Option]:
        """Options by their numbers on the screen, "2" or "1, 3"; none when the text is anything else."""
        parts = text.replace(",", " ").split()
        if not parts or not all(p.isascii() and p.isdigit() for p in parts) or self.view.kind != "question":
            return []
        numbers = [int(p) - 1 for p in parts]
        options = self.view.options
        return [options[n] for n in numbers] if all(0 <= n < len(options) for n in numbers) else []

    def _happens(self, event: Event) -> Iterator[str]:
        self.session, effects = step(self._machine, self.session, event)
        for effect in effects:
            yield from self._told(effect)

    def _told(self, effect: Effect) -> Iterator[str]:
        match effect:
            case Tell():
                yield self._words.tell(self.session.lang, effect.say)
            case Submitted():
                self.record = effect
            case Show():
                view = replace(effect.view, text=effect.view.text.replace("{receipt}", "THU-000000"))
                self.view = view
                if view.kind == "question":
                    self.script.append(f"talk.bot_asks({_literal(view.text[:40])})")
                yield from self.card(view)
            case Settle():
                pass
            case _:
                pass

    def card(self, view: View) -> Iterator[str]:
        """A card as lines of text."""
        lang = self.session.lang
        yield ""
        if view.heading and view.heading_new:
            yield f"── {view.heading} ──"
        yield from view.notes
        yield from (f"[{one.kind}] {one.file}" for one in view.media)
        if view.error is not None:
            yield "! " + self._words.tell(lang, view.error)
        if view.error_text:
            yield "! " + view.error_text
        number = f"[{view.progress[0]}/{view.progress[1]}] " if view.progress else ""
        if view.text:
            yield number + view.text
        if view.kind == "confirm":
            yield "  " + self._words.shown(lang, view.shown)
        if view.hint:
            yield f"  ({view.hint})"
        for n, option in enumerate(view.options, 1):
            mark = f"{option.place}." if option.place else "x" if option.on else " "
            yield f"  {n:>2} [{mark}] {option.label}"
        if view.quick:
            yield "  " + " · ".join(view.quick)
        for section in view.sections:
            yield f"── {section.title} ──" if section.title else "──"
            for line in section.lines:
                yield f"  {line.label}: {self._words.shown(lang, line.shown)}"
        told = [f":{a}" for a in view.actions if f":{a}" in COMMANDS]
        if told:
            yield "  " + " ".join(told)


def as_test(machine: Machine, terminal: Terminal, lang: str, file: str = "") -> str:
    """The talk so far as a test in the language of `tests/scenario.py`, at the same time: ages and deadlines depend on it.

    `file`: where the flow was read from; "" for a sample, which is found by its name.
    """
    flow = f"written({_literal(file)})" if file else _literal(machine.name)
    lines = [
        f"from tests.scenario import Scenario{', written' if file else ''}",
        "",
        "",
        f"def test_a_talk_through_{machine.name}() -> None:",
        f'    talk = Scenario({flow}, "{lang}", at={terminal.began})',
        *(f"    {line}" for line in terminal.script),
    ]
    if terminal.record is not None:
        record = {path.rsplit("/", 1)[-1]: value for path, value in terminal.record.record.items()}
        lines.append(f"    assert talk.record == {record!r}")
    return "\n".join(lines) + "\n"


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
