"""How events arrive and how state survives: topics, agents, state tables, replay and the simulator."""
