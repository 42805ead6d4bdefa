"""The leak audit: what a model could see that it should not, in this library's data or in somebody else's arrays."""

from graphsocial.audit.audit_arrays import audit_arrays
from graphsocial.audit.audit_cascades import audit_cascades
from graphsocial.audit.audit_folder import audit_folder
from graphsocial.audit.audit_graph import audit_graph
from graphsocial.audit.audit_pyg import audit_pyg
from graphsocial.audit.finding import Finding
from graphsocial.audit.leak_report import LeakReport
from graphsocial.audit.oracle import Oracle, counting_oracle

__all__ = [
    "Finding",
    "LeakReport",
    "Oracle",
    "audit_arrays",
    "audit_cascades",
    "audit_folder",
    "audit_graph",
    "audit_pyg",
    "counting_oracle",
]
