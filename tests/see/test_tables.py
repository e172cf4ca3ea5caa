import html.parser

from hypothesis import given, strategies as st

from engine.see.tables import Column, numbers, table, text

CELLS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8), max_size=5
)


class Cells(html.parser.HTMLParser):
    """Collects the texts of a table's cells, row by row, the tags that are not its own, styles of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.foreign: list[str] = []
        self.styles: set[str | None] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.styles.add(dict(attributes)["style"])
        elif tag not in ("table", "thead", "tbody"):
            self.foreign.append(tag)

    def handle_data(self, data: str) -> None:
        self.rows[-1][-1] += data


@given(CELLS, st.data())
def test_html_holds_every_cell_and_nothing_else(cells: list[str], data: st.DataObject) -> None:
    values = [float(i) for i in range(len(cells))]
    now = data.draw(st.none() | st.integers(0, len(cells) - 1)) if cells else None
    columns = [Column("<title>", cells), numbers("n", values)]
    parser = Cells()
    parser.feed(table(columns, now))
    mark = [] if now is None else [""]
    assert parser.rows[0] == [*mark, "<title>", "n"] and parser.foreign == ["div"]
    for i, row in enumerate(parser.rows[1:]):
        assert row == [*(["▶"] if i == now else mark), cells[i], columns[1].cells[i]]


def test_html_scrolls_where_it_is_too_wide_and_breaks_no_line() -> None:
    parser = Cells()
    whole = table([Column("rule", ["∂z/∂x = 1 - tanh(x)**2"]), numbers("n", [1.0])])
    parser.feed(whole)
    assert whole.startswith('<div style="overflow-x:auto"><table>') and whole.endswith("</table></div>")
    assert len(parser.styles) == 2
    assert all("white-space:nowrap" in s or "white-space:pre" in s for s in parser.styles if s)


def test_numbers_stand_point_below_point() -> None:
    lines = text([Column("a", ["x", "longer", "y"]), numbers("value", [0.5, -10.25, None])]).splitlines()
    assert lines == ["a        value", "x         0.5", "longer  −10.25", "y"]


def test_only_the_row_now_is_marked() -> None:
    lines = text([Column("a", ["x", "y"])], now=0).splitlines()
    assert lines == ["  a", "▶ x", "  y"]
    assert table([Column("a", ["x", "y"])], now=1).count("▶") == 1


def test_an_empty_table_is_its_titles() -> None:
    assert text([Column("a", []), numbers("b", [])]) == "a  b"
