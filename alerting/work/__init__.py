"""The work on a case: clocks, tasks, watchers, links, parts split off, evidence, overpayments."""
