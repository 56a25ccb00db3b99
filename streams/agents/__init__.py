"""The agents: what happens to a batch of records of one kind of topic, from its arrival to its acknowledgement."""
