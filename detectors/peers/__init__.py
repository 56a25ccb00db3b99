"""Peers: how the figure of one entity compares with those of its like, across all partitions (design.md §2).

Every entity stands, per measure, in one bin of a histogram of its segment (role, department, specialty, region). When
its figure changes, it is moved: counts are taken out of the old bin and put into the new, so the histogram always says
how the entities stand now. Histograms of partitions are merged by adding them.
"""

from detectors.peers.book import PeerBook, PeerCounts, Standing, published
from detectors.peers.measures import MEASURES, Measure
from detectors.peers.view import PeerGroup, PeerView

__all__ = ["MEASURES", "Measure", "PeerBook", "PeerCounts", "PeerGroup", "PeerView", "Standing", "published"]
