"""How the activation model is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphsocial.errors import SchemaError
from graphsocial.nn.activation_net import ActivationNetConfig
from graphsocial.nn.virality_net import ViralityNetConfig


@dataclass(frozen=True)
class ActivationTraining:
    """Settings of `ActivationModel.fit`; the defaults were chosen on validation cascades of memes.

    Attributes:
        blocks: Stretches of time of the training cascades; each has a graph as of its beginning.
        history: Share of the training cascades, the oldest, that are evidence only.
        epochs: Passes over the training cascades for the hazards; the best one on validation is kept.
        learning_rate: Of AdamW, at the start; it falls along a half cosine.
        weight_decay: Of AdamW.
        batch: Most cascades in a batch; it holds no more than a 60th of all, and at least 8.
        draws: Sampled exposures of each training cascade and epoch.
        judged_draws: The same of a validation cascade.
        hidden: Share of posts, by modality, whose content is hidden in training, so that posts without it are usual.
        net: Size of the network of the hazards.
        virality_nets: Networks of the number of adopters that are averaged.
        virality_epochs: Passes over the training cascades for each; as many as are best on validation are made. 0: how
            many act has the same law for every post.
        virality_learning_rate: Of AdamW, at the start; it falls along a half cosine.
        virality_weight_decay: Of AdamW.
        virality_batch: Most cascades in a batch.
        points: Means in the mixture.
        virality: Size of those networks.
        contagion: Factors on the hazards of who acts after the question that are tried.
        judged_posts: Most validation cascades that they are tried on.
        judged_runs: Runs of each.

    Raises:
        SchemaError: A number that makes no sense.
    """

    blocks: int = 10
    history: float = 0.2
    epochs: int = 5
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    batch: int = 64
    draws: int = 128
    judged_draws: int = 256
    hidden: float = 0.1
    net: ActivationNetConfig = field(default_factory=ActivationNetConfig)
    virality_nets: int = 3
    virality_epochs: int = 25
    virality_learning_rate: float = 2e-3
    virality_weight_decay: float = 1e-1
    virality_batch: int = 256
    points: int = 28
    virality: ViralityNetConfig = field(default_factory=ViralityNetConfig)
    contagion: tuple[float, ...] = (0.0, 0.2, 0.5, 1.0)
    judged_posts: int = 150
    judged_runs: int = 100

    def __post_init__(self) -> None:
        for name in ("blocks", "epochs", "batch", "draws", "virality_nets", "judged_posts"):
            if not getattr(self, name) >= 1:
                raise SchemaError(f"activation training got {name}={getattr(self, name)!r}, expected at least 1")
        if not self.virality_epochs >= 0:
            raise SchemaError(f"activation training got virality_epochs={self.virality_epochs!r}, expected at least 0")
        for name in ("history", "hidden"):
            if not 0 <= getattr(self, name) < 1:
                raise SchemaError(f"activation training got {name}={getattr(self, name)!r}, expected 0 <= {name} < 1")
        if not self.contagion or min(self.contagion) < 0:
            raise SchemaError(f"activation training got contagion={self.contagion!r}, expected factors of at least 0")

    @classmethod
    def quick(cls) -> ActivationTraining:
        """Two epochs, one network of the number of adopters, 30 validation cascades."""
        return cls(epochs=2, virality_nets=1, virality_epochs=10, judged_posts=30, judged_runs=50)
