"""A million log-densities by SciPy and a million draws by NumPy: seconds of each, the least of several, as JSON. Beside distributions.bench.ts."""
import json
import sys
import time

import numpy as np
from scipy import stats

SIZE = int(sys.argv[1])
ROUNDS = 7
rng = np.random.default_rng(0)

real = np.linspace(-3, 3, SIZE)
positive = np.linspace(0.01, 6, SIZE)
unit = np.linspace(0.001, 0.999, SIZE)
counts = np.floor(np.linspace(0, 20, SIZE))

workloads = {
    "density Normal": lambda: stats.norm.logpdf(real, 0.5, 1.3),
    "density Gamma": lambda: stats.gamma.logpdf(positive, 3, scale=0.5),
    "density Beta": lambda: stats.beta.logpdf(unit, 2, 3),
    "density StudentT": lambda: stats.t.logpdf(real, 5, 0.5, 1.3),
    "density NegativeBinomial2": lambda: stats.nbinom.logpmf(counts, 3, 3 / 7),
    "draw Normal": lambda: rng.standard_normal(SIZE),
    "draw Gamma": lambda: rng.standard_gamma(3, SIZE),
    "draw Beta": lambda: rng.beta(2, 3, SIZE),
    "draw StudentT": lambda: rng.standard_t(5, SIZE),
    "draw Poisson": lambda: rng.poisson(100, SIZE),
    "draw Binomial": lambda: rng.binomial(100, 0.3, SIZE),
    "draw VonMises": lambda: rng.vonmises(0, 2, SIZE),
}


def least(work):
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


print(json.dumps({name: least(work) for name, work in workloads.items()}))
