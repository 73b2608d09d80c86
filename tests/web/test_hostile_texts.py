"""What people type stays text, on the screen and in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.web.person import Person
    from tests.web.visit import Visits

SCRIPT = (
    "<img src=x onerror=\"document.title='broken in'\"><script>document.title='broken in'</script>"
)
LINK = "https://images.example.com/%22onerror=%22document.title='broken-in'.png"


def test_markup_in_what_people_type_stays_text(
    visits: Visits, paula: Person, newcomer: Person
) -> None:
    newcomer.call("update_profile", displayName=SCRIPT)
    newcomer.fail(newcomer.begin(SCRIPT, engine=SCRIPT), SCRIPT)
    newcomer.succeed(newcomer.begin(f"{SCRIPT} done", engine=SCRIPT), LINK)
    history = visits.open("/history", newcomer)
    history.get_by_role("row").nth(2).get_by_role("button").click()
    expect(history.get_by_role("dialog")).to_contain_text(f"Error: {SCRIPT}")
    live = visits.open("/live", paula)
    expect(live.get_by_role("listitem").filter(has_text=SCRIPT).first).to_be_visible()
    profile = visits.open("/profile", newcomer)
    expect(profile.get_by_label("Name", exact=True)).to_have_value(SCRIPT)
    for page in (history, live, profile):
        assert page.title() in ("History · Genquota", "Live · Genquota", "Profile · Genquota")
        assert page.locator("main script, main img[src=x]").count() == 0


def test_a_formula_in_a_prompt_is_none_in_the_file(visits: Visits, newcomer: Person) -> None:
    newcomer.begin('=HYPERLINK("https://evil.example.com","open")')
    newcomer.begin("a cat;=1+1")
    page = visits.open("/history", newcomer)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    text = saved.value.path().read_text()
    assert "\"'=HYPERLINK(" in text
    assert "a cat;'=1+1" in text
    assert ",=" not in text
