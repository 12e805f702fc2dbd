"""numpy.fft's functions, differentiated, with pairs of real and imaginary parts for complex numbers. Names only.

>>> import autograd
>>> real, imag = autograd.fft.rfft([0.0, 1.0, 0.0, -1.0])
>>> imag
array([ 0., -2.,  0.])
"""

from numpy.fft import fftfreq, rfftfreq

from autograd.rules.fourier import (
    Spectrum,
    fft,
    fft2,
    fftn,
    fftshift,
    hfft,
    ifft,
    ifft2,
    ifftn,
    ifftshift,
    ihfft,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftn,
)

__all__ = [
    "Spectrum",
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]
