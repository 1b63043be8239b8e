#!/usr/bin/env python3
"""Computes the reference answers beside it with NumPy and SciPy.

    python3 make.py        (written with NumPy 2.4 and SciPy 1.17; takes three minutes)

Medians, quantiles and moments are NumPy's, ranks of the median's interval come from SciPy's
binomial, the ranks of the shift's interval from SciPy's exact distribution of the Mann-Whitney
statistic (checked here against all arrangements where they are few), and the pairwise differences
are written out and sorted. The slope
of a ladder is SciPy's linear regression on logarithms of NumPy's medians. Nothing is shared with
the implementation.
"""

import csv
import itertools
import math
import os

import numpy as np
from scipy import stats
from scipy.stats._mannwhitneyu import _MWU

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def sets():
    rng = np.random.default_rng(20261121)
    found = {
        "one": [3.25],
        "two": [10.0, 4.0],
        "constant": [7.0] * 9,
        "tied": [1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 9.0],
        "large": list(1e15 + np.arange(11.0) * 3),
        "tiny": list(rng.uniform(1e-12, 2e-12, 12)),
        "signed": list(rng.normal(0, 1, 25)),
        "spike": list(rng.normal(1e6, 1e3, 30)) + [5e6],
    }
    for n in (4, 5, 6, 10, 15, 33, 60):
        found[f"log{n}"] = list(rng.lognormal(14, 0.1, n))
    for n in (4, 7, 12, 40, 65):
        found[f"slow{n}"] = list(rng.lognormal(14.05, 0.1, n))
    found["wide150"] = list(rng.lognormal(14, 0.3, 150))
    return {name: [float(v) for v in values] for name, values in found.items()}


def summaries(data):
    for name, values in data.items():
        x = np.array(values)
        q1, q3 = np.quantile(x, [0.25, 0.75], method="linear")
        step = q3 - q1
        outside = (x < q1 - 1.5 * step) | (x > q3 + 1.5 * step)
        severe = (x < q1 - 3 * step) | (x > q3 + 3 * step)
        yield [
            name,
            repr(float(np.mean(x))),
            repr(float(np.std(x, ddof=1))) if len(x) > 1 else "",
            repr(float(np.median(x))),
            repr(float(stats.median_abs_deviation(x))),
            repr(float(x.min())),
            repr(float(x.max())),
            repr(float(np.quantile(x, 0.05, method="linear"))),
            repr(float(q1)),
            repr(float(q3)),
            repr(float(np.quantile(x, 0.999, method="linear"))),
            int((outside & ~severe).sum()),
            int(severe.sum()),
        ]


def median_ranks():
    sizes = [*range(1, 41), 50, 99, 100, 101, 500, 1000, 1075, 2500, 9999, 50000, 100001, 300000]
    for level in (0.5, 0.9, 0.95, 0.99, 0.999):
        for n in sizes:
            tail_max = (1 - level) / 2
            k = int(stats.binom.ppf(tail_max, n, 0.5))
            while k >= 0 and stats.binom.cdf(k, n, 0.5) > tail_max:
                k -= 1
            if k < 0:
                yield [n, level, "", "", ""]
            else:
                coverage = 1 - 2 * stats.binom.cdf(k, n, 0.5)
                yield [n, level, k + 1, n - k, repr(float(coverage))]


def all_arrangements(m, n):
    counts = [0] * (m * n + 1)
    for chosen in itertools.combinations(range(m + n), m):
        counts[sum(chosen) - m * (m - 1) // 2] += 1
    return np.cumsum(counts) / math.comb(m + n, m)


def null_cdf(m, n):
    state = _MWU(m, n)
    cdf = np.array([float(state.cdf(u)) for u in range(m * n // 2 + 1)])
    if m + n <= 16:
        assert np.allclose(cdf, all_arrangements(m, n)[: len(cdf)], rtol=1e-12)
    return cdf


def shifts(data):
    pairs = [
        ("log4", "slow4", False),
        ("log4", "slow40", True),
        ("log5", "slow7", True),
        ("log6", "slow7", False),
        ("log10", "slow12", True),
        ("slow12", "log10", True),
        ("log33", "slow40", True),
        ("log60", "slow65", True),
        ("tied", "constant", False),
        ("signed", "tied", False),
        ("spike", "log15", True),
        ("large", "large", False),
        ("log15", "wide150", True),
        ("slow65", "slow65", True),
        ("one", "two", True),
    ]
    for first, second, logs in pairs:
        a, b = np.array(data[first]), np.array(data[second])
        m, n = len(a), len(b)
        if logs:
            a, b = np.log(a), np.log(b)
        differences = np.sort((b[:, None] - a[None, :]).ravel())
        back = np.exp if logs else float
        estimate = repr(float(back(np.median(differences))))
        for level in (0.8, 0.95, 0.99):
            tail_max = (1 - level) / 2
            row = [first, second, int(logs), level, estimate]
            cdf = null_cdf(m, n) if min(m, n) >= 4 else np.array([1.0])
            rank = int(np.searchsorted(cdf, tail_max, side="right"))
            if rank == 0:
                yield [*row, "", "", ""]
                continue
            low, high = differences[rank - 1], differences[m * n - rank]
            yield [
                *row,
                repr(float(back(low))),
                repr(float(back(high))),
                repr(float(1 - 2 * cdf[rank - 1])),
            ]


def normal_ranks():
    """Where the approximation takes over: the exact rank, so that the test can bound its error."""
    for m, n in [(67, 67), (40, 300), (80, 150), (120, 120)]:
        cdf = null_cdf(m, n)
        for level in (0.9, 0.95, 0.99):
            yield [m, n, level, int(np.searchsorted(cdf, (1 - level) / 2, side="right"))]


def slopes():
    """Ladders: parameters, the processes of each, and the slope of the medians' logarithms."""
    rng = np.random.default_rng(20261122)
    shapes = [
        ("three", [2, 4, 8], 5, 0.0, 0.02),
        ("linear", [2**k for k in range(1, 21)], 6, 1.0, 0.05),
        ("square", [10, 31, 100, 316, 1000], 3, 2.0, 0.3),
        ("falling", list(range(20, 35)), 4, -2.7, 0.01),
        ("narrow", [1000, 1001, 1002, 1003], 7, 0.15, 0.5),
        ("wide", [1, 10**6, 10**12, 10**18], 1, 0.5, 0.1),
    ]
    for name, parameters, processes, exponent, noise in shapes:
        values = [
            [float(v) for v in n**exponent * 40 * rng.lognormal(0, noise, processes)]
            for n in (float(n) for n in parameters)
        ]
        medians = [np.median(v) for v in values]
        fit = stats.linregress(np.log(np.array(parameters, dtype=float)), np.log(medians))
        yield [
            name,
            ";".join(repr(float(n)) for n in parameters),
            ";".join(" ".join(map(repr, v)) for v in values),
            repr(float(fit.slope)),
        ]


def main():
    data = sets()
    write(
        "samples.csv",
        ["set", "values"],
        [[name, ";".join(map(repr, values))] for name, values in data.items()],
    )
    write(
        "summary.csv",
        "set,mean,stddev,median,mad,min,max,q05,q25,q75,q999,mild,severe".split(","),
        summaries(data),
    )
    write("median_interval.csv", "n,level,low_rank,high_rank,coverage".split(","), median_ranks())
    write(
        "shift.csv",
        "reference,newer,ratio,level,estimate,low,high,coverage".split(","),
        shifts(data),
    )
    write("normal_rank.csv", "m,n,level,rank".split(","), normal_ranks())
    write("slope.csv", ["ladder", "parameters", "processes", "slope"], slopes())


main()
