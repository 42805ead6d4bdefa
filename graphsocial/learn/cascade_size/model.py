"""The learned size model: networks on a floor's residual and a forest, with calibrated intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from graphsocial.errors import LeakageError, NotFittedError
from graphsocial.graph import format_time
from graphsocial.learn.cascade_size.floors.gradient_boosting import EXACT_ROWS
from graphsocial.learn.cascade_size.forest_quantiles import QuantileForest
from graphsocial.learn.cascade_size.group_conformal import GroupConformal, ordered
from graphsocial.learn.cascade_size.prediction import SizePrediction
from graphsocial.learn.cascade_size.size_inputs import SizeInputs
from graphsocial.learn.cascade_size.size_model_config import CascadeSizeConfig
from graphsocial.learn.cascade_size.size_net_training import TrainedNets
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.tail_weights import example_weights

ENDS = (0.05, 0.95)
_PENALTIES = np.logspace(0, 4, 9)


@dataclass(frozen=True, eq=False)
class CascadeSizeModel:
    """Answers log2(1 + further events) with a 90 % interval.

    The mean is the average of three parts: networks, which start at a ridge regression on the summary columns and learn
    its residual; a forest and stochastic gradient boosting (Friedman, Computational Statistics and Data Analysis 38,
    2002) on the same columns. The interval's ends are the forest's quantiles, moved by what
    validation examples showed. Calibrated on validation with parts fitted on training, the parts are then fitted again
    on training and validation together.

    Attributes:
        ridge: The floor that the networks start from.
        nets: The networks.
        forest: The forest of the interval.
        mean_forest: The forest of the mean: the same one, unless rare sizes count more.
        boosting: The boosted trees.
        calibration: Of the interval.
        config: Settings.
        known_until: When the last answer that was learned from was complete, int64 seconds.
    """

    ridge: Pipeline
    nets: TrainedNets
    forest: QuantileForest
    mean_forest: QuantileForest
    boosting: GradientBoostingRegressor | HistGradientBoostingRegressor
    calibration: GroupConformal
    config: CascadeSizeConfig
    known_until: int

    @classmethod
    def fit(
        cls,
        train: SizeInputs,
        valid: SizeInputs,
        known_until: int,
        config: CascadeSizeConfig | None = None,
        rng: int = 0,
    ) -> CascadeSizeModel:
        """Fits on training examples, calibrates on newer validation examples, fits again on both.

        Args:
            train: Training examples.
            valid: Validation examples of the same record, newer than the training examples.
            known_until: When the last of their answers was complete, int64 seconds.
            config: Settings.
            rng: Seed; the same seed gives the same model on one machine.

        Raises:
            NotFittedError: There is no training example, or too few validation examples to calibrate on.
        """
        config = config or CascadeSizeConfig()
        if not len(train) or not len(valid):
            raise NotFittedError(
                f"the size model needs training and calibration examples, got {len(train)} and {len(valid)}"
            )
        first = _forest(train, config, rng)
        calibration = GroupConformal.fit(
            first.quantiles(valid.summary, ENDS),
            valid.examples.target,
            valid.examples.observed,
            known_until,
            prior=config.prior,
        )
        both = train.then(valid)
        weight = None if config.long_tail == "none" else example_weights(both.examples.target, config.long_tail)
        ridge = make_pipeline(StandardScaler(), RidgeCV(_PENALTIES))
        ridge.fit(both.summary, both.examples.target, ridgecv__sample_weight=weight)
        forest = _forest(both, config, rng)
        nets = TrainedNets(both, ridge.predict(both.summary), config, rng)
        return cls(
            ridge=ridge,
            nets=nets,
            forest=forest,
            mean_forest=forest if weight is None else _forest(both, config, rng, weight),
            boosting=_boosting(both, config, rng, weight),
            calibration=calibration,
            config=config,
            known_until=known_until,
        )

    def predict(self, inputs: SizeInputs, allow_future_model: bool = False) -> SizePrediction:
        """Answers for examples seen after everything the model learned from.

        Args:
            inputs: The examples.
            allow_future_model: Answer also for examples asked before the model could have been fitted.

        Raises:
            LeakageError: An example is asked before the model was known.
        """
        as_of = int(inputs.examples.as_of.min(initial=np.iinfo(np.int64).max))
        if as_of < self.known_until and not allow_future_model:
            raise LeakageError(
                f"a model known until {format_time(self.known_until)} would answer as of {format_time(as_of)}; "
                "pass allow_future_model=True to do so all the same"
            )
        nets = self.nets.mean(inputs, self.ridge.predict(inputs.summary))
        forest, boosting = self.mean_forest.mean(inputs.summary), self.boosting.predict(inputs.summary)
        raw = ordered(self.forest.quantiles(inputs.summary, ENDS))
        return SizePrediction(
            mean=np.maximum(np.mean([nets, forest, boosting], axis=0), 0.0),
            raw_ends=raw,
            ends=self.calibration.apply(raw, inputs.examples.observed, as_of, allow_future_model),
            calibration=self.calibration,
        )


def _forest(
    inputs: SizeInputs, config: CascadeSizeConfig, rng: int, weight: np.ndarray | None = None
) -> QuantileForest:
    seed = derived_seed(rng, "forest")
    return QuantileForest(inputs.summary, inputs.examples.target, config.trees, config.leaf, seed, weight)


def _boosting(
    inputs: SizeInputs, config: CascadeSizeConfig, rng: int, weight: np.ndarray | None
) -> GradientBoostingRegressor | HistGradientBoostingRegressor:
    seed = derived_seed(rng, "boosting") % 2**32
    if len(inputs) > EXACT_ROWS:
        model = HistGradientBoostingRegressor(
            max_iter=config.boosted, learning_rate=0.03, max_depth=4, max_features=0.2, random_state=seed
        )
    else:
        model = GradientBoostingRegressor(
            n_estimators=config.boosted,
            learning_rate=0.03,
            max_depth=4,
            subsample=0.5,
            max_features=0.2,
            min_samples_leaf=15,
            random_state=seed,
        )
    return model.fit(inputs.summary, inputs.examples.target, sample_weight=weight)
