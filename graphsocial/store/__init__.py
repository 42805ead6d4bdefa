"""Graphs on disk: stores of events in versions, and saved graphs of one version; atomic, checksummed, no pickle."""

from graphsocial.store.about import About
from graphsocial.store.delivery import Delivery
from graphsocial.store.event_batch import EventBatch, EventBuffer
from graphsocial.store.event_store import Appended, Store, is_store
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped
from graphsocial.store.export import export_graph
from graphsocial.store.open_graph import has_graph, open_graph
from graphsocial.store.save_graph import save_graph

__all__ = [
    "About",
    "Appended",
    "Delivery",
    "EdgeRow",
    "Event",
    "EventBatch",
    "EventBuffer",
    "Measurement",
    "NodeRow",
    "Skipped",
    "Store",
    "export_graph",
    "has_graph",
    "is_store",
    "open_graph",
    "save_graph",
]
