"""Why the model said so: evidence rows, each checked by deletion."""

from graphsocial.explain.evidence import Evidence, EvidenceRow, Faithfulness
from graphsocial.explain.explanation import explain

__all__ = ["Evidence", "EvidenceRow", "Faithfulness", "explain"]
