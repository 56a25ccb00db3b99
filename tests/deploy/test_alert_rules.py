"""The alert rules fire when they must and are quiet when they must be, as promtool plays them."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import skip_or_fail
from tests.deploy.files import ROOT, yaml_file
from tests.services.child import ServiceMissingError

RULES = "deploy/prometheus/alerts.yml"
FETCHED = ROOT / ".cache/promtool/usr/bin/promtool"  # where .ci/run unpacks Debian's package

OTHERS = {f'up{{job="{job}", instance="{job[0]}"}}': "1x1000" for job in ("console", "archive", "hooks")}
RUNNING = OTHERS | {'up{job="worker", instance="w1"}': "1x1000"}
HEALTHY = RUNNING | {
    'wardwatch_events_total{source="ehr", outcome="scored"}': "0+600x1000",
    'wardwatch_dead_letters_total{reason="not_json"}': "3x1000",
    'wardwatch_consumer_lag{topic="access.events", partition="0"}': "0 90000 0 90000 0x996",
    'wardwatch_event_to_finding_seconds_bucket{le="0.5"}': "0+100x1000",
    'wardwatch_event_to_finding_seconds_bucket{le="+Inf"}': "0+100x1000",
    'wardwatch_ledger{source="ehr", outcome="in_flight"}': "40x1000",
    'wardwatch_notices_total{channel="slack", outcome="sent"}': "0+1x1000",
    "wardwatch_outbox_depth": "0 3 0 3 0x996",
    'wardwatch_vault_waiting{instance="w1"}': "0 40 0x997",
    'wardwatch_archive_waiting{instance="a"}': "0 3 0x997",
    'wardwatch_archive_missed_records_total{instance="a"}': "0x1000",
    'wardwatch_model_age_seconds{model="forest"}': "86400+60x1000",
    "wardwatch_rebalances_total": "0+1x5 5x994",
    'wardwatch_overdue_incidents{clock="acknowledge"}': "0 4 4 0x997",
    'wardwatch_breach_days_left{duty="hhs"}': "30x1000",
    "wardwatch_review_overdue_seconds": "0x1000",
    "wardwatch_audit_checkpoint_age_seconds": " ".join(["0+60x59"] * 17),
    "wardwatch_feedback_waiting": "0 3 0 3 0x996",
    "wardwatch_slack_requests_waiting": "0 1 0 1 0x996",
    'wardwatch_siem_behind_seconds{reader="siem"}': "40x1000",
    'wardwatch_hook_refused_signatures_total{route="/hooks/pagerduty"}': "0x100 1x100 2x800",
    'wardwatch_hook_requests_total{route="/hooks/pagerduty", answer="200"}': "0+1x1000",
    'wardwatch_hook_seconds_bucket{route="/hooks/pagerduty", le="0.5"}': "0+10x1000",
    'wardwatch_hook_seconds_bucket{route="/hooks/pagerduty", le="+Inf"}': "0+10x1000",
}

# What is scraped each minute (promtool's notation: start+step x times, _ for nothing), the minute to look at, and the
# alerts that fire then.
SCENARIOS: dict[str, tuple[dict[str, str], int, set[str]]] = {
    "all is well": (HEALTHY, 300, set()),
    "nothing answers": (
        dict.fromkeys(RUNNING, "0x20"),
        18,
        {"NoWorker", "WorkerUnreachable", "ConsoleUnreachable", "ArchiveDown", "HooksDown"},
    ),
    "no container of ours exists": ({}, 18, {"NoWorker", "ConsoleUnreachable", "ArchiveDown", "HooksDown"}),
    "the archive dies with records that wait, and its metric with it": (
        RUNNING | {'up{job="archive", instance="a"}': "1x10 0x90", 'wardwatch_archive_waiting{instance="a"}': "700x10"},
        80,
        {"ArchiveDown"},
    ),
    "the archive is started anew": (RUNNING | {'up{job="archive", instance="a"}': "1x10 0x5 1x90"}, 18, set()),
    "the hooks die": (RUNNING | {'up{job="hooks", instance="h"}': "1x10 0x20"}, 18, {"HooksDown"}),
    "one of two workers is gone": (RUNNING | {'up{job="worker", instance="w2"}': "1 0x20"}, 10, {"WorkerUnreachable"}),
    "a worker comes and goes": (
        RUNNING | {"wardwatch_rebalances_total": "0+1x100"},
        60,
        {"WorkersChangePlacesTooOften"},
    ),
    "the vault is away": (
        RUNNING | {'wardwatch_vault_waiting{instance="w1"}': "0x10 700x100"},
        60,
        {"VaultTakesNothing"},
    ),
    "the archive's database is away": (
        RUNNING | {'wardwatch_archive_waiting{instance="a"}': "0x10 700x100"},
        80,
        {"ArchiveBehind"},
    ),
    "the archive was away for too long": (
        RUNNING | {'wardwatch_archive_missed_records_total{instance="a"}': "0x10 7x100"},
        30,
        {"ArchiveMissedAccesses"},
    ),
    "a feed pauses for half an hour": (
        RUNNING | {'wardwatch_events_total{source="ehr", outcome="scored"}': "0+600x100 60000x30 60600+600x100"},
        140,
        set(),
    ),
    "a feed falls silent": (
        RUNNING | {'wardwatch_events_total{source="ehr", outcome="scored"}': "0+600x100 60000x200"},
        200,
        {"SourceSilent"},
    ),
    "a feed falls silent and the workers start anew without its counter": (
        RUNNING | {'wardwatch_events_total{source="ehr", outcome="scored"}': "0+600x100 _x200"},
        200,
        {"SourceSilent"},
    ),
    "records wait for long": (
        RUNNING | {f'wardwatch_consumer_lag{{topic="t", partition="{n}"}}': "6000x60" for n in (0, 1)},
        40,
        {"RecordsWait"},
    ),
    "findings take two seconds": (
        RUNNING
        | {
            'wardwatch_event_to_finding_seconds_bucket{le="1.0"}': "0+90x60",
            'wardwatch_event_to_finding_seconds_bucket{le="2.0"}': "0+100x60",
            'wardwatch_event_to_finding_seconds_bucket{le="+Inf"}': "0+100x60",
        },
        50,
        {"FindingsLate"},
    ),
    "the first dead letter of its kind": (
        RUNNING | {'wardwatch_dead_letters_total{reason="not_json"}': "_x30 1x30"},
        35,
        {"DeadLetters"},
    ),
    "one more dead letter": (
        RUNNING | {'wardwatch_dead_letters_total{reason="not_json"}': "7x30 8x30"},
        35,
        {"DeadLetters"},
    ),
    "a dead letter of an hour ago": (
        RUNNING | {'wardwatch_dead_letters_total{reason="not_json"}': "_x30 1x100"},
        100,
        set(),
    ),
    "one record in twenty is a dead letter": (
        RUNNING
        | {
            'wardwatch_events_total{source="ehr", outcome="scored"}': "0+95x60",
            'wardwatch_events_total{source="ehr", outcome="dead_lettered"}': "0+5x60",
            'wardwatch_dead_letters_total{reason="not_json"}': "0+5x60",
        },
        50,
        {"DeadLetters", "ManyDeadLetters"},
    ),
    "more accounted for than received": (
        RUNNING | {'wardwatch_ledger{source="ehr", outcome="in_flight"}': "-1x60"},
        30,
        {"LedgerWrong"},
    ),
    "the first notice that is given up": (
        RUNNING | {'wardwatch_notices_total{channel="slack", outcome="failed"}': "_x30 1x30"},
        35,
        {"NoticeFailed"},
    ),
    "a notice that is tried again": (
        RUNNING | {'wardwatch_notices_total{channel="slack", outcome="retry"}': "_x30 1x30"},
        35,
        set(),
    ),
    "the outbox does not empty": (RUNNING | {"wardwatch_outbox_depth": "2x60"}, 40, {"NoticesWait"}),
    "nobody answers": (
        RUNNING | {'wardwatch_own_incidents{kind="nobody_reached"}': "_x10 1x30"},
        12,
        {"NobodyReached"},
    ),
    "Wardwatch has another trouble, of which people were told": (
        RUNNING | {'wardwatch_own_incidents{kind="rule_storm"}': "_x10 1x30"},
        12,
        set(),
    ),
    "nobody sees cases": (
        RUNNING | {'wardwatch_overdue_incidents{clock="acknowledge"}': "_x10 3x300"},
        260,
        {"CasesUnseen"},
    ),
    "cases are seen and not worked on": (
        RUNNING | {'wardwatch_overdue_incidents{clock="act"}': "_x10 3x300"},
        260,
        set(),
    ),
    "notices of a breach are due": (
        RUNNING
        | {f'wardwatch_breach_days_left{{duty="{duty}"}}': f"{days}x30" for duty, days in (("hhs", 6), ("media", 5))},
        10,
        {"BreachDeadlineNear"},
    ),
    "nobody signs for a week": (RUNNING | {"wardwatch_review_overdue_seconds": "0x10 60+60x30"}, 12, {"ReviewOverdue"}),
    "no checkpoint is signed": (
        RUNNING | {"wardwatch_audit_checkpoint_age_seconds": "0+60x300"},
        200,
        {"CheckpointOld"},
    ),
    "no key signs checkpoints": (
        RUNNING | {"wardwatch_audit_checkpoint_age_seconds": " ".join(["NaN"] * 201)},
        200,
        set(),
    ),
    "verdicts are not published": (RUNNING | {"wardwatch_feedback_waiting": "2x60"}, 50, {"FeedbackWaits"}),
    "the hooks are away": (RUNNING | {"wardwatch_slack_requests_waiting": "1x60"}, 20, {"SlackRequestsWait"}),
    "a secret of Slack was changed at one end": (
        RUNNING | {'wardwatch_hook_refused_signatures_total{route="/hooks/slack/actions"}': "0x10 0+1x30"},
        30,
        {"HooksRefuse"},
    ),
    "somebody tries once": (
        RUNNING | {'wardwatch_hook_refused_signatures_total{route="/hooks/pagerduty"}': "0x10 1x30"},
        15,
        set(),
    ),
    "the hooks fail": (
        RUNNING | {'wardwatch_hook_requests_total{route="/hooks/pagerduty", answer="500"}': "0x10 1x5 2x5 3x30"},
        28,
        {"HooksFail"},
    ),
    "the hooks answer late": (
        RUNNING
        | {
            'wardwatch_hook_seconds_bucket{route="/hooks/slack/actions", le="2.0"}': "0+1x60",
            'wardwatch_hook_seconds_bucket{route="/hooks/slack/actions", le="5.0"}': "0+10x60",
            'wardwatch_hook_seconds_bucket{route="/hooks/slack/actions", le="+Inf"}': "0+10x60",
        },
        40,
        {"HooksFail"},
    ),
    "a SIEM gets nothing": (
        RUNNING | {'wardwatch_siem_behind_seconds{reader="siem"}': "93600x5 93660x30"},
        20,
        {"SiemBehind"},
    ),
    "a model of a month ago": (
        RUNNING | {'wardwatch_model_age_seconds{model="forest"}': "2595600x60"},
        30,
        {"ModelOld"},
    ),
}


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool") or (str(FETCHED) if FETCHED.exists() else None)
    if found is None:
        skip_or_fail(ServiceMissingError("promtool (Debian's package prometheus) is not installed"))
    return found


def run(promtool: str, *arguments: str) -> str:
    """Run promtool and return what it says, failing with that where it objects."""
    ran = subprocess.run([promtool, *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_configuration_is_prometheus_own(promtool: str) -> None:
    assert "SUCCESS" in run(promtool, "check", "config", str(ROOT / "deploy/prometheus/prometheus.yml"))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_alerts_fire_when_they_must(promtool: str, tmp_path: Path, scenario: str) -> None:
    series, minute, firing = SCENARIOS[scenario]
    played = {
        "rule_files": [str(ROOT / RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                        "eval_time": f"{minute}m",
                        "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(firing)],
                    }
                ],
            }
        ],
    }
    file = tmp_path / "scenario.yml"
    file.write_text(yaml.safe_dump(played))
    run(promtool, "test", "rules", str(file))


def test_every_alert_fires_in_a_scenario() -> None:
    alerts = {rule["alert"] for group in yaml_file(RULES)["groups"] for rule in group["rules"]}
    assert set().union(*(firing for _, _, firing in SCENARIOS.values())) == alerts
