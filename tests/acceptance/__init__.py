"""The main job from end to end: real input, real brokers, real workers, real databases."""
