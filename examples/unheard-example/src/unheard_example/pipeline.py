"""A scikit-learn pipeline: declare `estimator`, and the benchmark fits it."""

from protocols.contract import Features, Info, SklearnModel
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Pipeline(SklearnModel):
    info = Info(
        name="example-pipeline",
        version="1",
        title="Example: MFCC statistics, linear discriminants",
        summary="Mean and deviation of 20 MFCCs over a clip; shrunken linear discriminant analysis.",
        licence="Apache-2.0",
        deterministic=True,  # a fit is the same whatever the seed
    )
    defaults = {"shrinkage": 0.1}  # trial 0

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean", "std"))  # 40 values a clip

    @staticmethod
    def space(trial):
        return {"shrinkage": trial.suggest_float("shrinkage", 0.01, 1.0, log=True)}

    @staticmethod
    def estimator(params, *, seed):
        discriminant = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=params["shrinkage"])
        return make_pipeline(StandardScaler(), discriminant)
