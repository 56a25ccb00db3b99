"""What is suspicious, and why? Canonical events, profiles, rules, explanations and the `Stage` step.

Knows no Kafka, HTTP, SQL, clock or environment: values in, values out.
"""
