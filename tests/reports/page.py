"""What must be true of every report.html."""

import re
import xml.etree.ElementTree as ElementTree

BYTES_LIMIT = 500_000


def tree_of(page):
    return ElementTree.fromstring(page.decode().replace("<!DOCTYPE html>", "", 1))


def words_of(element):
    return " ".join("".join(element.itertext()).split())


def check_head(tree):
    assert tree.tag == "html" and tree.get("lang") == "en"
    assert words_of(tree.find("head/title"))
    metas = {m.get("http-equiv") or m.get("name"): m.get("content") for m in tree.findall("head/meta")}
    policy = [part.strip() for part in metas["Content-Security-Policy"].split(";")]
    assert policy[0] == "default-src 'none'" and "script-src" not in metas["Content-Security-Policy"], policy
    assert metas["color-scheme"] == "light dark"


def check_inside_only(page, tree, told):
    """Nothing runs and nothing is loaded; an address stands there only as words that the run was told."""
    text = page.decode()
    for element in tree.iter():
        assert element.tag not in ("script", "link", "img", "iframe", "object", "embed", "form", "base"), element.tag
        for name in element.attrib:
            assert not name.startswith("on") and name not in ("href", "src", "style", "srcset", "action"), name
    assert "url(" not in text and "@import" not in text
    for address in re.findall(r"https?://[^\s<]*", text):
        assert address in told, address


def check_tables(tree):
    for table in tree.iter("table"):
        assert words_of(table.find("caption")), "a table without a caption"
        width = len(table.findall("thead/tr/th"))
        assert all(cell.get("scope") == "col" for cell in table.findall("thead/tr/th"))
        for row in table.findall("tbody/tr"):
            assert row[0].tag == "th" and row[0].get("scope") == "row" and len(row) == width


def check_charts(tree):
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "ids are unique"
    for section in tree.iter("section"):
        assert section.get("aria-labelledby") == section.find("h2").get("id")
        charts = list(section.iter("svg"))
        assert not charts or list(section.iter("table")), "the same numbers stand in a table beside a chart"
        for chart in charts:
            title, description = chart[0], chart[1]
            assert chart.get("role") == "img" and (title.tag, description.tag) == ("title", "desc")
            assert chart.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
            assert words_of(title) and words_of(description)
            for shape in chart.iter():
                for name in ("x", "y", "width", "height", "cx", "cy"):
                    assert shape.tag == "svg" or float(shape.get(name, "0")) >= 0, ElementTree.tostring(shape)


def check_page(page, told):
    """'told' are the addresses that may stand in it. Gives the tree."""
    assert len(page) < BYTES_LIMIT, len(page)
    tree = tree_of(page)
    check_head(tree)
    check_inside_only(page, tree, told)
    check_tables(tree)
    check_charts(tree)
    return tree


def section(tree, name):
    found = [s for s in tree.iter("section") if s.get("aria-labelledby") == name]
    return found[0] if found else None


def rows(tree, name):
    """The cells of a section's last table."""
    table = list(section(tree, name).iter("table"))[-1]
    return [[words_of(cell) for cell in row] for row in table.findall("tbody/tr")]
