"""PagerDuty to us: what people did there with the alerts of our incidents (webhooks v3)."""
