"""The well-known tables out of scikit-learn: iris, wine, breast cancer, digits, diabetes."""

from typing import Any

from engine.optional import load
from nn.data.dataset import Dataset


def iris() -> Dataset:
    """Return Fisher's irises: four lengths in cm of 150 flowers, 50 of each of three species.

    Errors: ModuleNotFoundError naming the extra `lab` without scikit-learn.

    >>> iris()
    Dataset('iris': 150 points, 4 columns, 3 classes)
    """
    found = _found("iris")
    return Dataset(
        found.data,
        found.target,
        names=found.target_names,
        inputs=("sepal length", "sepal width", "petal length", "petal width"),
        units=("cm",) * 4,
        target="species",
        name="iris",
        description="three species of iris by the lengths and widths of sepals and petals",
        source="Fisher, The use of multiple measurements in taxonomic problems, 1936; scikit-learn",
    )


def wine() -> Dataset:
    """Return 178 wines of three cultivators by 13 measurements of a chemical analysis.

    Errors: as `iris`.

    >>> wine()
    Dataset('wine': 178 points, 13 columns, 3 classes)
    """
    found = _found("wine")
    return Dataset(
        found.data,
        found.target,
        names=[f"cultivator {i}" for i in range(3)],
        inputs=[name.replace("_", " ") for name in found.feature_names],
        target="cultivator",
        name="wine",
        description="three cultivators of one region of Italy by a chemical analysis; no units are recorded",
        source="Forina et al., PARVUS, 1988; UCI wine; scikit-learn",
    )


def breast_cancer() -> Dataset:
    """Return 569 tumours, malignant or benign, by 30 measurements of the cells' nuclei in an image.

    The measurements are ten quantities, each as mean, standard error and worst (mean of the three largest).

    Errors: as `iris`.

    >>> breast_cancer()
    Dataset('breast_cancer': 569 points, 30 columns, 2 classes)
    """
    found = _found("breast_cancer")
    return Dataset(
        found.data,
        found.target,
        names=found.target_names,
        inputs=found.feature_names,
        target="tumour",
        name="breast_cancer",
        description="malignant and benign tumours by the nuclei of their cells; no units are recorded",
        source="Street, Wolberg and Mangasarian, Nuclear feature extraction, 1993; UCI; scikit-learn",
    )


def digits() -> Dataset:
    """Return 1797 handwritten digits: 8 × 8 pixels row by row, from 0 (paper) to 1 (ink).

    Errors: as `iris`.

    >>> digits().inputs[:2], digits().inputs[-1]
    (('pixel 0,0', 'pixel 0,1'), 'pixel 7,7')
    """
    found = _found("digits")
    return Dataset(
        found.data / 16,
        found.target,
        names=[str(digit) for digit in range(10)],
        inputs=[f"pixel {row},{column}" for row in range(8) for column in range(8)],
        target="digit",
        name="digits",
        description="handwritten digits of 8 × 8 pixels, row by row, from 0 to 1",
        source="Kaynak and Alpaydin, UCI optical recognition of handwritten digits, 1998; scikit-learn",
    )


def diabetes() -> Dataset:
    """Return 442 patients by ten measurements in their own units, with the disease's progress to predict.

    Progress is a quantitative measure one year after the measurements; units are given where they are
    recorded or follow from the definition.

    Errors: as `iris`.

    >>> diabetes()
    Dataset('diabetes': 442 points, 10 columns, regression)
    """
    found = _found("diabetes", scaled=False)
    inputs = {
        "age": "years",
        "sex": "",
        "body mass index": "kg/m²",
        "average blood pressure": "",
        "total cholesterol": "",
        "low-density lipoproteins": "",
        "high-density lipoproteins": "",
        "total cholesterol / HDL": "",
        "triglycerides (possibly log)": "",
        "blood sugar": "",
    }
    return Dataset(
        found.data,
        found.target,
        inputs=tuple(inputs),
        units=tuple(inputs.values()),
        target="disease progression",
        name="diabetes",
        description="progress of diabetes one year on, by ten measurements; most units are not recorded",
        source="Efron, Hastie, Johnstone and Tibshirani, Least angle regression, 2004; scikit-learn",
    )


def _found(name: str, **options: Any) -> Any:
    return getattr(load("sklearn.datasets", extra="lab"), f"load_{name}")(**options)
