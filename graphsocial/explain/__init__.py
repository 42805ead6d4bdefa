"""Why the model said so: attributions to pieces of the input, how faithful they are, and what modalities are worth."""

from graphsocial.explain.attribute import attribute
from graphsocial.explain.attribution import METHODS, Attribution, Piece
from graphsocial.explain.evidence import Evidence, EvidenceRow, Faithfulness
from graphsocial.explain.explained import Explained
from graphsocial.explain.explanation import explain
from graphsocial.explain.faithfulness_report import FaithfulnessReport, MethodFaithfulness, faithfulness_report
from graphsocial.explain.graph_question import GraphQuestion
from graphsocial.explain.masked_predictions import GRAPH_MODALITIES, masked_predictions
from graphsocial.explain.modality_value import ModalityValue, coalitions, masked_coalitions, modality_value
from graphsocial.explain.order_curves import OrderCurves, order_curves
from graphsocial.explain.post_question import PostQuestion, PostReader
from graphsocial.explain.seed_stability import seed_stability

__all__ = [
    "GRAPH_MODALITIES",
    "METHODS",
    "Attribution",
    "Evidence",
    "EvidenceRow",
    "Explained",
    "Faithfulness",
    "FaithfulnessReport",
    "GraphQuestion",
    "MethodFaithfulness",
    "ModalityValue",
    "OrderCurves",
    "Piece",
    "PostQuestion",
    "PostReader",
    "attribute",
    "coalitions",
    "explain",
    "faithfulness_report",
    "masked_coalitions",
    "masked_predictions",
    "modality_value",
    "order_curves",
    "seed_stability",
]
