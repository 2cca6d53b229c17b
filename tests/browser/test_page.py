"""The page in a real browser: sizes, themes, keyboard, readers of screens, hostile data."""

import re

import pytest

pytestmark = pytest.mark.browser

REPORTS = ("usual", "hostile", "large")
SCHEMES = ("light", "dark")
WIDTHS = (360, 768, 1280, 1920)
TONES = ("good", "open", "unknown", "bad")

OVERLAPS = """
() => [...document.querySelectorAll("svg.chart g")].flatMap((row) => {
  const boxes = [...row.querySelectorAll("text")]
    .map((text) => text.getBoundingClientRect()).filter((box) => box.width);
  return boxes.flatMap((a, i) => boxes.slice(i + 1)
    .filter((b) => a.left < b.right && b.left < a.right)
    .map(() => row.textContent.trim().replace(/\\s+/g, " ")));
})
"""

OVERFLOWS = """
() => [...document.querySelectorAll("main *, header *")]
  .filter((e) => !e.closest(".scroll, svg") && e.scrollWidth > e.clientWidth + 1
    && getComputedStyle(e).display !== "inline")
  .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`)
"""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", REPORTS)
def test_it_fits_every_width(visit, name, scheme):
    with visit(name, scheme=scheme) as seen:
        for width in WIDTHS:
            seen.page.set_viewport_size({"width": width, "height": 900})
            wide = seen.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"scrolls sideways at {width}"
            assert seen.page.evaluate(OVERFLOWS) == [], width
            assert seen.page.evaluate(OVERLAPS) == [], width


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("name", "width"), [("usual", 1280), ("usual", 360), ("hostile", 1280)])
def test_axe_finds_nothing_serious(visit, name, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe (pip)")
    with visit(name, scheme=scheme, width=width) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
        found = axe.Axe().run(seen.page).response["violations"]
        serious = [
            (entry["id"], [node["target"] for node in entry["nodes"]][:3])
            for entry in found
            if entry["impact"] in {"serious", "critical"}
        ]
        assert serious == []


def luminance(color):
    values = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_colours_stand_out(visit, scheme):
    with visit("usual", scheme=scheme) as seen:
        colors = seen.page.evaluate(
            """(names) => Object.fromEntries(names.map((name) => {
              const probe = document.body.appendChild(document.createElement("i"));
              probe.style.color = `var(--${name})`;
              return [name, getComputedStyle(probe).color];
            }))""",
            ["paper", "raised", "ink", "muted", "link", "plain", *TONES],
        )
        grounds = [colors[name] for name in ("paper", "raised")]
        for ground in grounds:
            for text in ("ink", "muted", "link", *TONES):
                assert contrast(colors[text], ground) >= 4.5, text
            assert contrast(colors["plain"], ground) >= 3


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_leaves_the_page_and_nothing_foreign_runs(visit, written, name):
    with visit(name) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
        seen.page.mouse.wheel(0, 50_000)
        seen.page.wait_for_timeout(100)
        assert seen.requests == [written[name].as_uri()]
        assert seen.dialogs == []
        assert seen.complaints == []
        links = seen.page.eval_on_selector_all("a", "all => all.map((e) => e.getAttribute('href'))")
        assert all(link.startswith("#") or link == "report.json" for link in links)


def test_injected_script_and_style_are_refused(visit, written, tmp_path):
    text = written["usual"].read_text(encoding="utf-8")
    injected = text.replace(
        "</h1>",
        '</h1><script>document.title = "taken"</script><style>h1 { display: none }</style>'
        '<img src="http://evil.example/x.png" onerror="document.title = \'taken\'">',
        1,
    )
    path = tmp_path / "injected.html"
    path.write_text(injected, encoding="utf-8")
    with visit("usual") as seen:
        seen.requests.clear()
        seen.page.goto(path.as_uri())
        assert seen.page.title() == "Sourcing status of film-stills-v3"
        assert seen.page.locator("h1").is_visible()
        assert len(seen.complaints) >= 3
        assert all("Content Security Policy" in complaint for complaint in seen.complaints)


def test_the_keyboard_reaches_everything(visit):
    with visit("usual") as seen:
        page = seen.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
        box = page.locator(".skip").bounding_box()
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        reached = set()
        for _ in range(80):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.tagName"))
            if page.evaluate("document.activeElement.tagName") == "SUMMARY":
                break
        assert "SUMMARY" in reached
        details = "document.activeElement.parentElement.open"
        assert page.evaluate(details) is False
        page.keyboard.press("Enter")
        assert page.evaluate(details) is True
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"


def items(page):
    cells = page.locator("table.work tbody tr:not([hidden]) td.num").all_inner_texts()
    return [int(re.sub(r"\D", "", cell)) for cell in cells]


def test_sorting_and_filtering_by_keyboard(visit):
    with visit("long") as seen:
        page = seen.page
        original = items(page)
        head = page.locator("table.work thead th.num")
        head.locator("button").focus()
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "descending"
        assert items(page) == sorted(original, reverse=True)
        page.keyboard.press("Space")
        assert head.get_attribute("aria-sort") == "ascending"
        assert items(page) == sorted(original)
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") is None
        assert items(page) == original

        page.get_by_label("Filter").focus()
        page.keyboard.type("OPTED gallery.example")
        assert items(page) == [50_000] * 12
        assert page.get_by_role("status").inner_text() == "12 of 48 rows"
        page.get_by_label("Filter").fill("")
        assert items(page) == original
        assert page.get_by_role("status").inner_text() == ""


def test_short_tables_get_no_tools(visit):
    with visit("usual") as seen:
        assert seen.page.locator(".tools, thead button").count() == 0


def test_without_script_nothing_is_missing(visit):
    with visit("long", java_script_enabled=False) as seen:
        page = seen.page
        assert page.locator(".tools, thead button").count() == 0
        assert page.locator("table.work tbody tr:visible").count() == 48
        summary = page.locator("summary").first
        summary.press("Enter")
        assert page.get_by_role("table", name="Items by status, licence").is_visible()
        assert seen.complaints == []
