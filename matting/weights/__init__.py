"""Weights by name → a local file whose SHA-256 is right. The only downloads of the project."""

from matting.weights.catalogue import WEIGHTS as WEIGHTS
from matting.weights.catalogue import used_weights as used_weights
from matting.weights.finding import WeightsError as WeightsError
from matting.weights.finding import find_weights as find_weights
from matting.weights.record import Weights as Weights
from matting.weights.record import WeightsUsed as WeightsUsed
from matting.weights.record import sha256_of as sha256_of
from matting.weights.sources import Hub as Hub
from matting.weights.sources import NpmPackage as NpmPackage
from matting.weights.sources import SourceArchive as SourceArchive
from matting.weights.sources import Url as Url
from matting.weights.sources import Wheel as Wheel
