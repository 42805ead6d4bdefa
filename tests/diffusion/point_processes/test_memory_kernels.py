"""Memory kernels: by hand, against numerical integration, and inside compiled loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
from graphsocial.diffusion.point_processes.memory_families_kernel import (
    delay_of,
    density_at,
    density_slopes,
    exponential_of,
    mass_at,
    mass_slopes,
)
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel, drawn_delays
from graphsocial.diffusion.point_processes.power_law_kernel import PowerLawKernel
from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
from graphsocial.errors import SchemaError

KERNELS = [
    ExponentialKernel(0.02),
    PowerLawKernel(30.0, 0.6),
    PowerLawKernel(30.0, 1.0),
    PowerLawKernel(5.0, 2.5),
    SeismicKernel(40.0, 0.5),
    SeismicKernel(40.0, 1.0),
    SeismicKernel(),
]
each_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=repr)


def test_golden() -> None:
    assert ExponentialKernel(2.0).density(1.0) == pytest.approx(2 * math.exp(-2))
    assert PowerLawKernel(10.0, 2.0).density(10.0) == pytest.approx(0.2 / 8)  # (2 / 10) 2 ** -3
    assert PowerLawKernel(10.0, 2.0).mass(10.0) == pytest.approx(3 / 4)
    assert SeismicKernel(10.0, 1.0).density(5.0) == pytest.approx(1 / 20)  # 1 / (10 * 2)
    assert SeismicKernel(10.0, 1.0).density(20.0) == pytest.approx(1 / 80)
    assert SeismicKernel(10.0, 1.0).mass(20.0) == pytest.approx(3 / 4)  # plateau 1/2, beyond 1/2 (1 - 1/2)


@each_kernel
@pytest.mark.parametrize("delay", [3.0, 40.0, 700.0])
def test_mass_and_moment_integrate_the_density(kernel: MemoryKernel, delay: float) -> None:
    points = [40.0, 300.0] if delay > 40 else None
    mass = quad(lambda u: float(kernel.density(u)), 0, delay, points=points)[0]
    moment = quad(lambda u: u * float(kernel.density(u)), 0, delay, points=points)[0]
    assert kernel.mass(delay) == pytest.approx(mass, rel=1e-7)
    assert kernel.moment(delay) == pytest.approx(moment, rel=1e-7)


@each_kernel
def test_edges_and_shape(kernel: MemoryKernel) -> None:
    delay = np.array([-1.0, 0.0, 1.0, 39.0, 41.0, 900.0])
    assert kernel.density(delay)[0] == 0 and (np.diff(kernel.density(delay)[1:]) <= 0).all()
    assert kernel.mass(delay)[:2].tolist() == [0.0, 0.0] and (np.diff(kernel.mass(delay)[1:]) > 0).all()
    assert kernel.mass(np.inf) == pytest.approx(1.0, rel=1e-15)
    assert kernel.delay(kernel.mass(delay[1:])) == pytest.approx(delay[1:])
    assert kernel.delay(0.0) == 0 and kernel.delay(1.0) == np.inf


@each_kernel
def test_compiled_families_agree(kernel: MemoryKernel) -> None:
    for delay in (0.0, 1.0, 39.0, 41.0, 1e4, 1e9):
        assert density_at(*kernel.compiled, delay) == pytest.approx(float(kernel.density(delay)), rel=1e-12)
        assert mass_at(*kernel.compiled, delay) == pytest.approx(float(kernel.mass(delay)), abs=1e-14)
    for share in (0.0, 0.1, 0.33, 0.5, 0.999):
        assert delay_of(*kernel.compiled, share) == pytest.approx(float(kernel.delay(share)), rel=1e-9, abs=1e-12)


@each_kernel
@pytest.mark.parametrize("delay", [1.0, 39.0, 41.0, 500.0])
def test_slopes_are_those_of_small_differences(kernel: MemoryKernel, delay: float) -> None:
    family, *values = kernel.compiled
    for at, of in ((density_at, density_slopes), (mass_at, mass_slopes)):
        found = of(family, *values, delay)
        assert found[0] == pytest.approx(at(family, *values, delay), rel=1e-10)
        for i in range(len(kernel.parameters)):
            step = [0.0, 0.0]
            step[i] = 1e-5 * values[i]
            up = at(family, values[0] + step[0], values[1] + step[1], delay)
            down = at(family, values[0] - step[0], values[1] - step[1], delay)
            assert found[1 + i] == pytest.approx((up - down) / (2e-5 * values[i]), rel=1e-5, abs=1e-12)
    assert mass_slopes(family, *values, np.inf) == (1.0, 0.0, 0.0)


@settings(max_examples=200, deadline=None)
@given(st.floats(-750, 720))
def test_exponential_of(x: float) -> None:
    true = 0.0 if x < -708 else np.inf if x > 709 else math.exp(x)
    assert exponential_of(x) == pytest.approx(true, rel=1e-15 * (2 + abs(x) / 100), abs=0)


def test_exponential_of_whole_logarithms() -> None:
    assert exponential_of(0.0) == 1.0
    assert exponential_of(-math.log(2)) == 0.5


@each_kernel
def test_drawn_delays_have_the_kernels_distribution(kernel: MemoryKernel) -> None:
    drawn = drawn_delays(kernel, 20_000, rng=3)
    for share in (0.1, 0.5, 0.9):
        below = (drawn < kernel.delay(share)).mean()
        assert abs(below - share) < 4.5 * math.sqrt(share * (1 - share) / len(drawn))


@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf, "1", True, None])
def test_parameters_are_positive(value: object) -> None:
    for make in (ExponentialKernel, lambda v: PowerLawKernel(v, 1.0), lambda v: SeismicKernel(1.0, v)):
        with pytest.raises(SchemaError, match=r"got .*, expected a finite number above 0"):
            make(value)  # type: ignore[arg-type]
