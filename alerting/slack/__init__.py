"""Slack as a place to work from: what people press and type there, who may, and what they see of it.

Slack proves who pressed, not who may: every action is checked against the people of the response plan. A button
carries the id of an incident and a nonce, a message carries what a notification carries, and what somebody types is
kept in the store and never shown in Slack again.
"""
