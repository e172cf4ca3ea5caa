"""The stepper on a whole terminal: keys move it, a bar at the bottom says which."""

from collections.abc import Callable
from typing import Any

from engine.optional import load
from engine.see.screen import Fragments, table, words
from engine.see.stepper import Stepper
from engine.see.theme import palette

KEYS = "→ next  ← back  Home End  g go to  / until  ? help  q quit"
HELP = """\
→  n  space  the next step
←  p         the step before
Home         the start: nothing is recorded yet
End          the end: the sweep is complete
g            go to a node by its name: w, x*w, v4
/  u         go on until a condition holds:
             abs(gradient) > 10, value < 0, op == 'tanh', nan
?            this help, and back
q  Esc       quit; so does Ctrl-C

▶ marks the present step. Positive derivatives are blue,
negative ones orange, with a minus."""
MOST_LINES = 8
"""Of a message above the bar."""
NODE, CONDITION = "go to node", "until"


def explore(stepper: Stepper) -> None:
    """Show a stepper on the whole terminal until the user quits; it stays where the user left it.

    There are no colours where the environment says NO_COLOR. Errors: ImportError without prompt_toolkit.

    >>> explore(Stepper(lambda x, w: x * w, 2.0, -3.0))  # doctest: +SKIP
    """
    load("prompt_toolkit")
    Screen(stepper).application().run()


class Screen:
    """What is shown of a stepper, and what the keys do.

    `asking` is the question in the bar, "" for none; `message` tells what was wrong with the last answer.

    >>> Screen(Stepper(lambda x, w: x * w, 2.0, -3.0)).bar()[0][1][:18]
    ' 0 of 4  → next  ←'
    """

    def __init__(self, stepper: Stepper) -> None:
        self.stepper = stepper
        self.asking = ""
        self.message = ""
        self.helping = False
        self._answer: Any = load("prompt_toolkit.buffer").Buffer(multiline=False)

    def above(self) -> Fragments:
        """Return what stands above the table, or the help.

        >>> Screen(Stepper(lambda x, w: x * w, 2.0, -3.0)).above()
        [('', 'Start: nothing is recorded yet but the leaves x = 2.0, w = −3.0.')]
        """
        return [("", HELP)] if self.helping else words(self.stepper, _width())

    def rows(self) -> Fragments:
        """Return the ledger around the present step.

        >>> Screen(Stepper(lambda x, w: x * w, 2.0, -3.0).next()).rows()[-1][1].split()
        ['▶', '1', 'x*w', '*', '−6.0', 'x', '*', 'w']
        """
        columns, now = self.stepper.window()
        return table(columns, now, _width())

    def bar(self) -> Fragments:
        """Return the bottom line: the position and the keys.

        >>> Screen(Stepper(lambda x, w: x * w, 2.0, -3.0).end()).bar()[0][1][:8]
        ' 4 of 4 '
        """
        return [("", f" {self.stepper.position} of {self.stepper.last}  {KEYS} ")]

    def move(self, step: Callable[[], Any]) -> None:
        """Do a step; what is wrong with it becomes the message.

        >>> screen = Screen(Stepper(lambda x, w: x * w, 2.0, -3.0))
        >>> screen.move(lambda: screen.stepper.to("v"))
        >>> screen.message.partition(";")[0]
        "'v' is no node of this computation"
        """
        self.message, self.helping = "", False
        try:
            step()
        except (LookupError, ValueError) as error:
            self.message = str(error)

    def application(self) -> Any:
        """Return the screen as an application of prompt_toolkit.

        >>> Screen(Stepper(lambda x, w: x * w, 2.0, -3.0)).application().full_screen
        True
        """
        application: Any = load("prompt_toolkit.application").Application(
            layout=self._layout(), key_bindings=self._bindings(), style=_style(), full_screen=True
        )
        application.ttimeoutlen = 0.05  # Esc alone is a key: wait no longer for the rest of a sequence
        return application

    def _layout(self) -> Any:
        layout, condition = load("prompt_toolkit.layout"), load("prompt_toolkit.filters").Condition
        prompt = load("prompt_toolkit.layout.processors").BeforeInput(lambda: f" {self.asking}: ")

        def window(content: Callable[[], Any], **options: Any) -> Any:
            return layout.Window(layout.FormattedTextControl(content), **options)

        def shown(when: Callable[[], bool], content: Any) -> Any:
            return layout.ConditionalContainer(content, condition(when))

        most = layout.Dimension(max=MOST_LINES)
        table = layout.FormattedTextControl(self.rows, get_cursor_position=self._present, show_cursor=False)
        answer = layout.BufferControl(self._answer, [prompt])
        lines = [
            window(self.above, dont_extend_height=True),
            layout.Window(height=1),
            shown(lambda: not self.helping, layout.Window(table)),
            shown(lambda: self.helping, layout.Window()),
            shown(
                lambda: bool(self.message),
                window(
                    lambda: self.message,
                    wrap_lines=True,
                    dont_extend_height=True,
                    height=most,
                    style="class:message",
                ),
            ),
            shown(lambda: bool(self.asking), layout.Window(answer, height=1, style="class:bar")),
            shown(lambda: not self.asking, window(self.bar, height=1, style="class:bar")),
        ]
        return layout.Layout(layout.HSplit(lines))

    def _present(self) -> Any:
        """Return where the present row stands, which is kept in sight."""
        before = "".join(piece for _, piece in self.rows()).partition("▶")[0]
        now = before.count("\n") if self.stepper.position else 0
        return load("prompt_toolkit.data_structures").Point(0, now)

    def _bindings(self) -> Any:
        bindings: Any = load("prompt_toolkit.key_binding").KeyBindings()
        asked = load("prompt_toolkit.filters").Condition(lambda: bool(self.asking))

        def bind(keys: tuple[str, ...], do: Callable[[Any], None], when: Any) -> None:
            for key in keys:
                bindings.add(key, filter=when, eager=True)(do)

        stepper = self.stepper
        bind(("right", "n", "space"), lambda event: self.move(stepper.next), ~asked)
        bind(("left", "p"), lambda event: self.move(stepper.previous), ~asked)
        bind(("home",), lambda event: self.move(stepper.first), ~asked)
        bind(("end",), lambda event: self.move(stepper.end), ~asked)
        bind(("g",), lambda event: self._ask(event, NODE), ~asked)
        bind(("/", "u"), lambda event: self._ask(event, CONDITION), ~asked)
        bind(("?",), lambda event: self._help(), ~asked)
        bind(("q", "escape", "c-c"), lambda event: event.app.exit(), ~asked)
        bind(("enter",), self._answered, asked)
        bind(("escape", "c-c"), lambda event: self._ask(event, ""), asked)
        return bindings

    def _ask(self, event: Any, question: str) -> None:
        """Put a question into the bar, or take it away."""
        self.asking, self.message, self.helping = question, "", False
        self._answer.reset()
        if question:
            event.app.layout.focus(self._answer)
        else:
            event.app.layout.focus_last()

    def _answered(self, event: Any) -> None:
        answer = self._answer.text.strip()
        go: Callable[[str], Any] = self.stepper.to if self.asking == NODE else self.stepper.until
        self._ask(event, "")
        if answer:
            self.move(lambda: go(answer))

    def _help(self) -> None:
        self.helping, self.message = not self.helping, ""


def _width() -> int:
    columns: int = load("prompt_toolkit.application").get_app_session().output.get_size().columns
    return max(columns, 20)


def _style() -> Any:
    """Return the colours: those of bars, which can be read on light and on dark, and the marker's own."""
    light = palette("light")
    roles = {
        "positive": light["posbar"],
        "negative": light["negbar"],
        "now": f"bold bg:{light['mark']} fg:{light['ink']}",
        "now positive": light["pos"],
        "now negative": light["neg"],
        "message": "bold",
        "bar": "reverse",
    }
    return load("prompt_toolkit.styles").Style.from_dict(roles)
