"""What the page knows: updates in their order, and everything anew where one is missing."""

from tep_nb.notebook.views.link import PAGE

STORE = """() => {
  %s
  let hear = () => {};
  const model = { get: () => ({}), on: (_, handler) => (hear = handler), off: () => {}, send: () => {} };
  let asked = 0;
  const store = new Store(model, () => asked++);
  const paint = (number, set, whole = false) => hear({ paint: number, whole, set, drop: [] });
  const seen = [];
  const note = () => seen.push([asked, store.get("a") ?? null]);
  for (let number = 5; number < 25; number++) paint(number, { a: number });
  note();
  paint(25, { a: 25 }, true);
  paint(26, { a: 26 });
  note();
  for (let number = 28; number < 40; number++) paint(number, { a: number });
  note();
  paint(40, { a: 40 }, true);
  note();
  return seen;
}"""


def test_page_that_missed_an_update_asks_once_for_everything(chromium):
    """On a slow link many updates pass before the answer: each of them would ask for the whole page again."""
    page = chromium.new_page()
    source = (PAGE / "store.js").read_text(encoding="utf-8")
    assert page.evaluate(STORE % source) == [[1, None], [1, 26], [2, 26], [2, 40]]
    page.close()
