"""The site's own thresholds reach every stage, and what means nothing is refused."""

from pathlib import Path

import pytest

from detectors.thresholds import Thresholds
from monitor.catalogue import read_rules
from monitor.detection import build_stages
from monitor.failure import Failure
from monitor.settings import Settings, load
from monitor.threshold_file import read_thresholds
from tests.docs.thresholds import EXAMPLE


def settings_with(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "thresholds.yml"
    path.write_text(text)
    return load(environment={"WARDWATCH_THRESHOLDS": str(path), "WARDWATCH_TOKEN_KEY": "00" * 32})


def test_without_a_file_they_are_the_defaults() -> None:
    assert read_thresholds(load(environment={})) == Thresholds()


def test_what_is_not_written_keeps_its_default(tmp_path: Path) -> None:
    thresholds = read_thresholds(settings_with(tmp_path, EXAMPLE))
    assert thresholds.mass_access_cap == 80
    assert thresholds.money.kiosks == frozenset({"terminal:LOBBY-1", "terminal:LOBBY-2"})
    assert thresholds.accounts.identity_managers == ("sailpoint", "our-portal")
    assert thresholds.mass_access_floor == Thresholds().mass_access_floor
    assert thresholds.money.portal_z == Thresholds().money.portal_z
    assert read_thresholds(settings_with(tmp_path, "# nothing differs\n")) == Thresholds()


def test_every_stage_judges_by_them(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, "mass_access_cap: 80\n")
    stages = build_stages(settings, read_rules(settings), {})
    assert {stage.thresholds.mass_access_cap for stage in stages.values()} == {80}


WRONG = {
    "mass_acces_cap: 80": "there is no threshold mass_acces_cap: did you mean mass_access_cap?",
    "money: {kiosk: []}": "there is no threshold money.kiosk: did you mean money.kiosks?",
    "nothing: {}": "there is no threshold nothing",
    "mass_access_cap: many": "Expected `int`, got `str` - at `$.mass_access_cap`",
    "money: {kiosks: 'terminal:1'}": "Expected `array`, got `str` - at `$.money.kiosks`",
    "money: {portal_z: -1}": "money.portal_z must be a number from 0 on, not -1",
    "travel_speed_kmh: .inf": "travel_speed_kmh must be a number from 0 on, not inf",
    "- 5": "Expected `object`, got `array`",
    "money: {": "it is no YAML in line",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items())
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(Failure) as refused:
        read_thresholds(settings_with(tmp_path, text + "\n"))
    assert "thresholds.yml (WARDWATCH_THRESHOLDS) is wrong:\n  " in str(refused.value)
    assert message in str(refused.value)
