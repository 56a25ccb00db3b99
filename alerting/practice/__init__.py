"""Servers on loopback that behave as Slack's and PagerDuty's documented APIs do, for the demo and for tests."""
