"""One picture being corrected, under the name by which other programs import it."""

from annotation.correction.session import Session as Session
